using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>A wait that nothing will end. What the environment may do but need not (a signal, a re-arming) does not count as help.</summary>
internal sealed class LostWakeup() : AlwaysProperty(ViolationKind.LostWakeup)
{
    public override bool NeedsUserspace => true;

    public override string Name => "lost-wakeup";

    public override string Doc => "Whoever waits is woken: no state in which nobody has to take a step while a guest task is unfinished.";

    public override string Outcome => "Nobody has to take another step, and a guest task waits for ever.";

    public override bool IsBrokenAtRest(Machine machine) => machine.LiveVcpus > 0;
}
