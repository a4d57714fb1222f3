namespace UapiLab.Harness.Checking.Search;

/// <summary>The transitions that have to happen, state by state in the order of their numbers: for fair cycles. Twelve
/// bytes each.</summary>
/// <param name="store">Has the blocks.</param>
internal sealed class EdgeList(BlockStore store)
{
    private readonly BigList<ulong> _targets = new(store);
    private readonly BigList<EdgeInfo> _infos = new(store);
    private readonly BigList<long> _ends = new(store);

    public long Count => _targets.Count;

    public int States => (int)_ends.Count;

    public (long From, long To) Of(long state) => (state == 0 ? 0 : _ends[state - 1], _ends[state]);

    public ulong Target(long edge) => _targets[edge];

    public EdgeInfo this[long edge] => _infos[edge];

    public void Append(Builder more)
    {
        var start = _targets.Count;
        foreach (var target in more.Targets)
        {
            _targets.Add(target);
        }

        foreach (var info in more.Infos)
        {
            _infos.Add(info);
        }

        foreach (var end in more.Ends)
        {
            _ends.Add(start + end);
        }
    }

    /// <summary>The transitions of some states.</summary>
    internal sealed class Builder
    {
        public List<ulong> Targets { get; } = [];
        public List<EdgeInfo> Infos { get; } = [];
        public List<int> Ends { get; } = [];

        public void Clear()
        {
            Targets.Clear();
            Infos.Clear();
            Ends.Clear();
        }

        /// <param name="target">Fingerprint of the target state.</param>
        /// <param name="step">The step.</param>
        /// <param name="action">Its position.</param>
        /// <param name="eventually">Which of the eventually-properties it shows, by their order.</param>
        public void Add(ulong target, in StepInfo step, int action, uint eventually)
        {
            // What the environment need not do it cannot do for ever: each such step spends an allowance.
            if (!step.IsOptional)
            {
                Targets.Add(target);
                Infos.Add(new(action, step.Process, step.RemainingBudget, eventually));
            }
        }

        public void EndState() => Ends.Add(Targets.Count);
    }
}

/// <summary>What a cycle needs to know of a transition, in four bytes.</summary>
internal readonly struct EdgeInfo
{
    private readonly uint _bits;

    public EdgeInfo(int action, int process, byte remainingBudget, uint eventually)
    {
        if (action >= 1 << 12 || process >= 1 << 7 || eventually >= 1 << 5)
        {
            throw new ArgumentOutOfRangeException(nameof(action),
                "fair cycles are for at most 4,096 steps of a state, 128 processes and 5 eventually-properties");
        }

        _bits = (uint)action | (uint)process << 12 | (uint)remainingBudget << 19 | eventually << 27;
    }

    public int Action => (int)(_bits & 0xFFF);

    public int Process => (int)(_bits >> 12 & 0x7F);

    public byte RemainingBudget => (byte)(_bits >> 19);

    public uint Eventually => _bits >> 27;
}
