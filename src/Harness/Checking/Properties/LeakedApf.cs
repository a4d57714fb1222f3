using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A3 bounds the queue, so what is never given back is lost until the queue is cleared (rule A14).</summary>
internal sealed class LeakedApf() : AlwaysProperty(ViolationKind.LeakedApf)
{
    public override string Name => "leaked-apf";

    public override string Doc => "When KVM's half returns on a vCPU's thread, each APF it queued has been offered to the guest, completed or withdrawn.";

    public override string Outcome => "An APF occupies the vCPU's queue and nobody will ever complete it: the guest was not told of it, and it was not withdrawn.";
}
