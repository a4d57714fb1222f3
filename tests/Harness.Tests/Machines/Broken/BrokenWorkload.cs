using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Machines.Broken;

/// <summary>A workload on a machine that does not keep some rules.</summary>
internal sealed class BrokenWorkload(Workload inner, RuleSet broken) : Workload
{
    public override string Name => broken == RuleSet.None ? inner.Name : $"{inner.Name} without {broken}";

    public override MachineConfig Config => inner.Config with { Broken = broken };

    public override long ServiceNs => inner.ServiceNs;

    public override IGuestProgram Program(ulong seed) => inner.Program(seed);

    public override int Choose(ulong seed, ChoiceKind kind, ulong key) => inner.Choose(seed, kind, key);

    public override long FetchNs(ulong seed, ulong gfn, Abstractions.Disposition disposition) =>
        inner.FetchNs(seed, gfn, disposition);

    public override long Delay(ulong seed, DelayKind kind, ulong key) => inner.Delay(seed, kind, key);

    public override Workload WithPolicy(VmmPolicy policy) => new BrokenWorkload(inner.WithPolicy(policy), broken);
}
