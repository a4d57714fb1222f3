using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>The small token-keyed encoding, right or with one thing wrong: KVM injects at the fault and exits with the
/// token; the VMM clears the frame's bit and says READY for the token.</summary>
internal sealed class TokenEncoding(string id, string summary, TokenFault fault) : Encoding
{
    public override EncodingDescription Description => TestFlags.Describe(id, summary, 1, "present", "fault") with
    {
        ExitExtra = WordKind.Token,
        WaiterCookie = WordKind.Token,
        Ioctls =
        [
            new("TEST_READY", TokenWords.Ready, "W", "test_ready", TakesVcpuMutex: false,
                [(Errno.Invalid, "unknown token"), (Errno.Already, "completed already")],
                    "The fault with this token is resolved."),
        ],
        Structs = [new("test_ready", [new("token", "__u32", 0)], 4)],
    };

    public override IReadOnlyList<RegionSpec> Regions => TokenWords.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new TokenKvmHalf<TKvm>(fault);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TokenVmmHalf<TVmm>(fault);
}
