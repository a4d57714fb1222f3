using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with a broken encoding. The default is one that is right: the control.</summary>
internal sealed record TokenFault(
    bool AsksCanDo = true, bool CompletesOnce = true, int Readies = 1, ClearPoint Clears = ClearPoint.ContentArrived);

/// <summary>The small token-keyed encoding with one thing wrong.</summary>
internal sealed class TokenEncoding(string id, string summary, TokenFault fault) : Encoding
{
    public override EncodingDescription Description => new()
    {
        Id = id,
        FullName = id,
        Summary = summary,
        Origin = "A test: wrong on purpose.",
        BitsPerGfn = 1,
        States = ["present", "fault"],
        Flags =
        [
            new("TEST_USERFAULT", "kvm_run.memory_fault.flags", 4, "The frame is marked."),
            new("TEST_ASYNC_PF", "kvm_run.memory_fault.flags", 5, "An APF was started."),
        ],
        Ioctls =
        [
            new("TEST_READY", TokenWords.Ready, "W", "test_ready", TakesVcpuMutex: false,
                [(Errno.Invalid, "unknown token"), (Errno.Already, "completed already")], "The fault with this token is resolved."),
        ],
        Structs = [new("test_ready", [new("token", "__u32", 0)], 4)],
    };

    public override IReadOnlyList<RegionSpec> Regions => TokenWords.Regions;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new TokenKvmHalf<TKvm>(fault.AsksCanDo, fault.CompletesOnce);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new TokenVmmHalf<TVmm>(fault.Readies, fault.Clears);
}
