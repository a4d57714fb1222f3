using FsCheck;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Properties;

/// <summary>Live migration of the whole machine, at any micro-step: what is not in a declared region does not come
/// along.</summary>
internal sealed class SavesAndRestores : GeneratedProperty<MachineCase>
{
    private const int StepsBetweenSaves = 7;
    private const int MostSteps = 600;

    private int _savesWithFaultOutstanding;
    private bool _startsApfs;

    public override string Name => "saves-and-restores";

    public override string Doc =>
        "A run saved and restored into another machine every few steps, with faults outstanding, goes on with the "
            + "same events and ends in the same bytes.";

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        (_savesWithFaultOutstanding, _startsApfs) = (0, false);
        return base.Check(encoding, settings)
            ?? (_startsApfs && _savesWithFaultOutstanding == 0
                ? Failure(new ContractBreach("vacuous", "APFs were started, and none was outstanding at any save"))
                : null);
    }

    protected override Gen<MachineCase> Cases(Encoding encoding) => MachineCases.All;

    protected override IEnumerable<MachineCase> Smaller(MachineCase value) => MachineCases.Smaller(value);

    protected override string Describe(Encoding encoding, MachineCase value) => value.ToString();

    protected override ContractBreach? Try(Encoding encoding, MachineCase value, ConformanceSettings settings) =>
        BreachOf(() =>
    {
        using var straight = new MachineRun(encoding, value, settings.Broken);
        var here = new MachineRun(encoding, value, settings.Broken);
        var there = new MachineRun(encoding, value, settings.Broken);
        try
        {
            for (var steps = 1; steps < MostSteps && straight.Step(); steps++)
            {
                here.Step();
                if (steps % StepsBetweenSaves == 0)
                {
                    _savesWithFaultOutstanding += here.IsFaultOutstanding ? 1 : 0;
                    there.ContinueFrom(here);
                    (here, there) = (there, here);
                }
            }

            _startsApfs |= straight.Events.Any(e => e.Kind == Harness.Machines.MachineEventKind.KvmAsyncPfNotPresent);
            if (!straight.Events.SequenceEqual(here.Events))
            {
                var common = straight.Events.Zip(here.Events).TakeWhile(pair => pair.First == pair.Second).Count();
                throw new ContractBreach(Breaches.NotRepeatable,
                    $"event {common + 1} differs between the run and the one that was saved and restored");
            }

            if (!straight.Machine.Save().AsSpan().SequenceEqual(here.Machine.Save()))
            {
                throw new ContractBreach(Breaches.NotRepeatable,
                    "the run and the one that was saved and restored end in different bytes");
            }
        }
        finally
        {
            here.Dispose();
            there.Dispose();
        }
    });
}
