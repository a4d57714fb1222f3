namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// Finds the vCPU of an event: by its number where the event has one, else by its thread, whose number is taken from
/// the thread's other events.
/// </summary>
internal sealed class KvmLanes
{
    private readonly SortedDictionary<long, KvmLane> _byNumber = [];
    private readonly Dictionary<long, KvmLane> _byThread = [];
    private readonly Dictionary<long, long> _firstThread = [];
    private readonly SortedSet<long> _moved = [];
    private readonly List<KvmLane> _unnumbered = [];

    /// <summary>Numbers seen on more than one thread.</summary>
    public IReadOnlyCollection<long> Moved => _moved;

    /// <summary>vCPUs by number, then threads whose number never showed, in order of appearance.</summary>
    public IEnumerable<KvmLane> All => _byNumber.Values.Concat(_unnumbered);

    public KvmLane Of(long thread, long? number) => number is { } known ? Numbered(thread, known) : Unnumbered(thread);

    private KvmLane Numbered(long thread, long number)
    {
        if (_byThread.TryGetValue(thread, out KvmLane? current) && _unnumbered.Contains(current)
            && !_byNumber.ContainsKey(number))
        {
            // The thread faulted before any of its events told its number.
            _unnumbered.Remove(current);
            current.Name = NameOf(number);
            _byNumber.Add(number, current);
        }

        if (!_byNumber.TryGetValue(number, out KvmLane? lane))
        {
            lane = new KvmLane(NameOf(number));
            _byNumber.Add(number, lane);
        }

        if (!_firstThread.TryAdd(number, thread) && _firstThread[number] != thread)
        {
            _moved.Add(number);
        }

        _byThread[thread] = lane;
        return lane;
    }

    private KvmLane Unnumbered(long thread)
    {
        if (!_byThread.TryGetValue(thread, out KvmLane? lane))
        {
            lane = new KvmLane(Invariant($"thread {thread}"));
            _byThread.Add(thread, lane);
            _unnumbered.Add(lane);
        }

        return lane;
    }

    private static string NameOf(long number) => Invariant($"vcpu {number}");
}
