using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>Declared regions and numbers of both variants; a handle is the position in the list of regions.</summary>
internal static class AsyncHintLayout
{
    /// <summary>KVM_ASYNC_PF.</summary>
    public const uint AsyncPf = 0xd6;

    /// <summary>KVM_APF_OP_ACCEPT. 0 is reserved, so that a zeroed request does nothing.</summary>
    public const uint Accept = 1;

    /// <summary>KVM_APF_OP_READY.</summary>
    public const uint Ready = 2;

    /// <summary>KVM_CAP_ASYNC_PF_USERFAULT (inject=at-fault).</summary>
    public const int AtFaultCapability = 246;

    /// <summary>KVM_CAP_ASYNC_PF_USERFAULT_EVENTFD, informational.</summary>
    public const int EventfdCapability = 247;

    /// <summary>KVM_CAP_ASYNC_PF_ANSWER (inject=at-reentry): ours, to be assigned.</summary>
    public const int AtReentryCapability = 0xffff;

    /// <summary>The answer that a zeroed kvm_run gives: start no APF.</summary>
    public const ulong AnswerNone = 0;

    /// <summary>Start an APF for the frame of the last exit.</summary>
    public const ulong AnswerAsync = 1;

    /// <summary>KVM_MEMORY_EXIT_FLAG_APF_REFUSED: no APF can be started, resolve first.</summary>
    public const ulong RefusedFlag = ExitFlags.Own;

    public static Region Bitmap => new(0);

    public static Region ApfState => new(1);

    public static Region Enabled => new(2);

    public static Region Clearing => new(3);

    public static Region Answer => new(4);

    public static Region Offered => new(5);

    public static IReadOnlyList<RegionSpec> AtFault =>
    [
        UserfaultBitmap.Spec,
        ApfLedger.Spec,
        VcpuCapability.EnabledSpec,
        new("apf_clearing", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 32, 1,
            "1 while the vCPU's queue is being dropped; under the APF lock.")
        {
            Holds = WordKind.Number,
            Restore = "not needed: 0 whenever the vCPU thread is outside of KVM",
        },
    ];

    public static IReadOnlyList<RegionSpec> AtReentry =>
    [
        .. AtFault,
        new("userfault_answer", RegionOwner.Shared, RegionScope.PerVcpu, 8, 1,
            "In the kvm_run page: 0 none, 1 async; written by the VMM after an exit, read once and zeroed by "
                + "KVM_RUN.") { Holds = WordKind.Number },
        new("apf_offered", RegionOwner.KvmPrivate, RegionScope.PerVcpu, 64, 1,
            "gfn + 1 of the exit that offered an APF, 0 = none; set by the vCPU thread, cleared under the APF lock by "
                + "KVM_RUN or by READY.")
        {
            Holds = WordKind.GfnPlusOne,
            Restore = "not needed: no offer is outstanding after a restore, and the vCPU faults again",
        },
    ];
}
