using UapiLab.Abstractions;

namespace UapiLab.Encodings.MultiBit;

/// <summary>Version 2 with four bits or eight: the first reserved value becomes a state. No memory is added, and
/// nothing moves.</summary>
internal sealed class WideSecondVersion(MultiBitEncoding first, MultiBitOptions options) : SecondVersion(first)
{
    public override IReadOnlyList<RegionSpec> Regions =>
        After([TrackingCapability.EnabledSpec, TrackingCapability.AgreedSpec]);

    public override EncodingDescription Description
    {
        get
        {
            EncodingDescription common = Describe(
                "args[0] = 1: the state TRACKED is known.",
                "A write to a gfn in the state TRACKED; nothing was injected.", "KVM_MEMORY_EXIT_FLAG_TRACKED_WRITE",
                    7);
            return common with
            {
                States = [.. common.States.Select((name, value) => value == (int)FrameState.Tracked ? "tracked" : name),
                    "reserved"],
                Constants =
                    [.. common.Constants,
                        new("KVM_USERFAULT_STATE_TRACKED", FrameState.Tracked, common.Constants[0].Field,
                        "Reads are mapped, the first write exits and says so.")],
            };
        }
    }

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new WideTrackingKvmHalf<TKvm>(options);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new WideTrackingVmmHalf<TVmm>(options);
}
