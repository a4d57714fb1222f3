using FsCheck;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Properties;

/// <summary>Programs, dispositions, predictions and schedules that no exhaustive instance has together.</summary>
internal sealed class KeepsTheRulesOnAnyMachine : GeneratedProperty<MachineCase>
{
    /// <summary>Steps after the schedule's end, with everybody having turns, in which any run must have
    /// ended.</summary>
    private const int Patience = 20_000;

    public override string Name => "keeps-the-rules-on-any-machine";

    public override string Doc =>
        "On generated machines, programs and schedules no rule is broken, and the guest ends.";

    protected override Gen<MachineCase> Cases(Encoding encoding) => MachineCases.All;

    protected override IEnumerable<MachineCase> Smaller(MachineCase value) => MachineCases.Smaller(value);

    protected override string Describe(Encoding encoding, MachineCase value) => value.ToString();

    protected override ContractBreach? Try(Encoding encoding, MachineCase value, ConformanceSettings settings) =>
        BreachOf(() =>
    {
        using var run = new MachineRun(encoding, value, settings.Broken);
        var most = value.Schedule.Count + Patience;
        var steps = 0;
        while (steps++ < most && run.Breach is null && run.Step())
        {
        }

        if (run.Breach is { } breach)
        {
            throw breach;
        }

        if (!run.HasEnded)
        {
            throw steps > most
                ? new ContractBreach(Breaches.Livelock,
                    $"the guest has not ended {Patience} steps after the end of the schedule")
                : new ContractBreach(Breaches.LostWakeup, "nobody can take another step, and a guest task is not done");
        }
    });
}
