using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Rule A3 of docs/model.md, as an invariant. KVM proper refuses to set up one too many, so that an encoding can break it
/// only by completing what is completed, over and over; it is there for the machine (`Rules.A3Limit`) as much as for encodings.</summary>
internal sealed class QueueLimit() : AlwaysProperty(ViolationKind.LimitExceeded)
{
    public override string Name => "queue-limit";

    public override string Doc => "No more faults are outstanding on a vCPU than the limit; done-but-undelivered ones and the wake-all item count.";

    public override string Outcome => "More faults are outstanding on a vCPU than the limit allows.";
}
