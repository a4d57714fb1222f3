using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>struct kvm_async_pf_req: {u64 gpa; u32 op; u32 flags; u64 reserved[2]}.</summary>
internal static class AsyncPfRequest
{
    public static StructSpec Struct => new("kvm_async_pf_req",
    [
        new("gpa", "__u64", 0) { Doc = "Guest physical address, page aligned." },
        new("op", "__u32", 8) { Doc = "KVM_APF_OP_*; 0 is no operation." },
        new("flags", "__u32", 12, MustBeZero: true),
        new("reserved", "__u64", 16, 2, MustBeZero: true),
    ], 32)
    {
        Doc = "For KVM_ASYNC_PF.",
    };

    public static IoctlArgument Of(ulong gpa, uint op) => new(gpa, op);

    /// <summary>Whether everything but the operation is as it must be. The flags share a word with the
    /// operation.</summary>
    public static bool TryParse(IoctlArgument argument, out Gfn gfn, out uint op)
    {
        gfn = Gfn.OfGpa(argument.W0);
        op = (uint)(argument.W1 & uint.MaxValue);
        ulong flags = argument.W1 >> 32;
        return flags == 0 && argument.W2 == 0 && argument.W3 == 0 && argument.W0 % Gfn.PageSize == 0;
    }
}
