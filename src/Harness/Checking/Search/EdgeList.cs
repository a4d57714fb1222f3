namespace UapiLab.Harness.Checking;

/// <summary>The transitions that have to happen, state by state in the order of their numbers: for fair cycles.</summary>
internal sealed class EdgeList
{
    private readonly List<ulong> targets = [];
    private readonly List<Info> infos = [];
    private readonly List<long> ends = [];

    public long Bytes => (targets.Capacity * 8L) + (infos.Capacity * 16L) + (ends.Capacity * 8L);

    public long Count => targets.Count;

    public int States => ends.Count;

    public (long From, long To) Of(long state) => (state == 0 ? 0 : ends[(int)state - 1], ends[(int)state]);

    public ulong Target(long edge) => targets[(int)edge];

    public Info this[long edge] => infos[(int)edge];

    public void Append(Builder more)
    {
        var start = targets.Count;
        targets.AddRange(more.Targets);
        infos.AddRange(more.Infos);
        ends.AddRange(more.Ends.Select(e => (long)start + e));
    }

    /// <summary>What a cycle needs to know of a transition.</summary>
    internal readonly record struct Info(ulong Observed, ushort Action, byte Process, byte Allowances);

    /// <summary>The transitions of some states.</summary>
    internal sealed class Builder
    {
        public List<ulong> Targets { get; } = [];
        public List<Info> Infos { get; } = [];
        public List<int> Ends { get; } = [];

        public void Clear()
        {
            Targets.Clear();
            Infos.Clear();
            Ends.Clear();
        }

        public void Add(ulong target, in StepInfo step, int action)
        {
            // What the environment need not do it cannot do for ever: each such step spends an allowance.
            if (!step.IsOptional)
            {
                Targets.Add(target);
                Infos.Add(new(step.Observed, checked((ushort)action), (byte)step.Process, step.Allowances));
            }
        }

        public void EndState() => Ends.Add(Targets.Count);
    }
}
