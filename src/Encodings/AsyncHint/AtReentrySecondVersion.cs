using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>Version 2 of inject=at-reentry: nothing is injected before the VMM has answered, and the VMM knows itself
/// which frames it tracks. So the bitmap stays as it is; a third answer says "map it, but only for reading", and the
/// exit says whether it was a write.</summary>
internal sealed class AtReentrySecondVersion(AsyncHintEncoding first) : SecondVersion(first)
{
    public override IReadOnlyList<RegionSpec> Regions => After(
    [
        TrackingCapability.EnabledSpec,
        TrackingCapability.AgreedSpec,
        new("tracked", RegionOwner.VmmPrivate, RegionScope.PerGfn, 64, 1,
            "1 = the VMM wants to hear of the first write to the frame.") { Holds = WordKind.Number },
        new("apf_readable", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 64, 1,
            "gfn + 1 of the frame that may be mapped read-only until the next KVM_RUN, 0 = none; only the vCPU thread "
                + "touches it.")
        {
            Holds = WordKind.GfnPlusOne,
            Restore = "not needed: no answer is outstanding after a restore, and the vCPU faults again",
        },
    ]);

    public override EncodingDescription Description
    {
        get
        {
            EncodingDescription common = Describe(
                "args[0] = 1: userfault_answer = 2 is known, and exits of marked frames say whether it was a write; "
                    + "the number is ours.",
                "The access was a write.", "KVM_MEMORY_EXIT_FLAG_WRITE", 1);
            return common with
            {
                Constants =
                    [.. common.Constants,
                        new("KVM_USERFAULT_ANSWER_READ_ONLY", AsyncHintLayout.AnswerReadOnly, "userfault_answer",
                        "Map the frame of the last exit read-only, and exit again at a write.")],
            };
        }
    }

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new AtReentryTrackingKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new AtReentryTrackingVmmHalf<TVmm>();
}
