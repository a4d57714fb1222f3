namespace UapiLab.Harness.Simulation.Traces;

/// <summary>What one vCPU did, from its entries, exits and faults in order.</summary>
internal sealed class KvmLane(string name)
{
    private const long Unknown = -1;
    private readonly List<KvmFault> _faults = [];
    private long _enteredAt = Unknown;
    private long _guestRan;
    private long _lastFaultAt = Unknown;
    private long _lastSeenAt;
    private Attempt? _lastAttempt;
    private bool _progressed;

    public string Name { get; set; } = name;

    public IReadOnlyList<KvmFault> Faults => _faults;

    public long GuestRunningNs { get; private set; }

    public long BackwardSteps { get; private set; }

    /// <summary>Where the guest was at its last exit, if the trace tells.</summary>
    public ulong? ExitRip { get; private set; }

    public void Enter(long atNs) => _enteredAt = Forwards(atNs);

    public void Exit(long atNs, ulong? rip)
    {
        long exitedAt = Forwards(atNs);
        if (_enteredAt != Unknown)
        {
            _guestRan += exitedAt - _enteredAt;
            GuestRunningNs += exitedAt - _enteredAt;
        }

        _enteredAt = Unknown;
        ExitRip = rip;
        _progressed |= _lastAttempt is { } last && last.Rip != rip;
    }

    /// <summary>An exception or interrupt goes into the guest: what it does next is not the same attempt.</summary>
    public void Inject() => _progressed = true;

    /// <summary>The recorder lost events here: an open interval cannot be trusted, nor can a repetition.</summary>
    public void Gap()
    {
        _enteredAt = Unknown;
        _lastAttempt = null;
    }

    /// <summary>
    /// Whether this fault repeats the previous one of the vCPU: same page, same kind, same instruction, and between
    /// them neither an injected event nor an exit at another instruction.
    /// </summary>
    public bool IsRetry(ulong page, bool writes, ulong? rip) =>
        !_progressed && _lastAttempt == new Attempt(page, writes, rip);

    public void Add(long atNs, ulong page, ulong? rip, long gfn, TraceAccessFlags flags)
    {
        long faultedAt = Forwards(atNs);
        long passed = _lastFaultAt == Unknown ? 0 : faultedAt - _lastFaultAt;
        _faults.Add(new KvmFault(_guestRan, passed, gfn, flags));
        _guestRan = 0;
        _lastFaultAt = faultedAt;
        _lastAttempt = new Attempt(page, flags.HasFlag(TraceAccessFlags.Write), rip);
        _progressed = false;
    }

    public VcpuTrace Result(bool byGuestTime, long divisor)
    {
        TraceAccess Access(KvmFault fault) =>
            new((byGuestTime ? fault.GuestRanNs : fault.PassedNs) / divisor, fault.Gfn, fault.Flags, -1);

        long tail = byGuestTime ? _guestRan : _lastSeenAt - _lastFaultAt;
        return new VcpuTrace(Name, [.. _faults.Select(Access)], tail / divisor);
    }

    // The clocks of two CPUs may differ a little; a vCPU that moves must not seem to run backwards.
    private long Forwards(long atNs)
    {
        BackwardSteps += atNs < _lastSeenAt ? 1 : 0;
        _lastSeenAt = Math.Max(atNs, _lastSeenAt);
        return _lastSeenAt;
    }

    private readonly record struct Attempt(ulong Page, bool Writes, ulong? Rip);
}
