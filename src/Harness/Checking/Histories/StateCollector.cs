namespace UapiLab.Harness.Checking;

/// <summary>Keeps what a model says.</summary>
internal sealed class StateCollector : ISuccessors
{
    public List<(byte[] State, byte Allowances)> States { get; } = [];

    public void Add(ReadOnlySpan<byte> next, in StepInfo step) => States.Add((next.ToArray(), step.Allowances));

    public void Observe(ulong properties)
    {
    }
}
