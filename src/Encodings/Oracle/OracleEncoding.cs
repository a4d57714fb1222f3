using UapiLab.Abstractions;

namespace UapiLab.Encodings.Oracle;

/// <summary>The reference point that knows everything at the fault.</summary>
internal sealed class OracleEncoding : Encoding
{
    public override EncodingDescription Description => new()
    {
        Id = OracleFamily.FamilyId,
        FullName = OracleFamily.FamilyId,
        Summary = OracleFamily.OneLine,
        Origin = "Ours; a yardstick, not a design.",
        Traits = EncodingTraits.Omniscient | EncodingTraits.ReferencePoint,
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Gpa,
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Capabilities = [UserfaultUapi.Capability],
        Flags =
        [
            UserfaultUapi.MemslotFlag,
            UserfaultUapi.ExitFlag,
            new("KVM_MEMORY_EXIT_FLAG_ORACLE_APF", UserfaultUapi.ExitFlagsField, 5,
                "An APF was started for the gfn."),
        ],
        Ioctls =
        [
            new("KVM_ORACLE_READY", OracleLayout.Ready, "W", "kvm_oracle_ready", TakesVcpuMutex: false,
            [
                (Errno.Invalid, "gpa is not page aligned"),
                (Errno.NoEntry, "no APF is outstanding on this vCPU for the gfn"),
                (Errno.Already, "the APF is completed and not delivered yet"),
            ], "The content of the page is in guest memory."),
        ],
        Structs =
        [
            UserfaultUapi.MemoryRegion2,
            LinuxKvm.Run,
            new("kvm_oracle_ready", [new("gpa", "__u64", 0)], 8),
        ],
        Locks = [KvmLock.Apf],
    };

    public override IReadOnlyList<RegionSpec> Regions => OracleLayout.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new OracleKvmHalf<TKvm>();

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new OracleVmmHalf<TVmm>();
}
