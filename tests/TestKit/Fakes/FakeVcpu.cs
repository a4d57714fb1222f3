namespace UapiLab.TestKit.Fakes;

/// <summary>What a test sets and looks at on one vCPU.</summary>
public sealed class FakeVcpu(int apfLimit)
{
    public bool CanDo { get; set; } = true;

    public bool CanDeliver { get; set; } = true;

    public bool HaltRequested { get; set; }

    public uint TokenCounter { get; set; }

    /// <summary>Queue by place; null = free.</summary>
    public FakeApf?[] Queue { get; } = new FakeApf?[apfLimit];

    /// <summary>Completed and not delivered, oldest first.</summary>
    public List<FakeApf> Done { get; } = [];

    public IEnumerable<FakeApf> Outstanding => Queue.OfType<FakeApf>();

    /// <summary>Tokens grow with each set-up.</summary>
    public IEnumerable<FakeApf> OldestFirst => Outstanding.OrderBy(apf => apf.Ref.Token);
}
