using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Exit flags and the description that the families share.</summary>
internal static class TestFlags
{
    public const ulong Userfault = 1UL << 4;

    /// <summary>An APF was started, or offered, by family.</summary>
    public const ulong AsyncPf = 1UL << 5;

    /// <summary>An encoding whose READY names a frame.</summary>
    public static EncodingDescription Describe(string id, string summary, int bits, params string[] states) => new()
    {
        Id = id,
        FullName = id,
        Summary = summary,
        Origin = "A test: right, or wrong on purpose.",
        ExitExtra = WordKind.Number,
        WaiterCookie = WordKind.Gpa,
        BitsPerGfn = bits,
        States = states,
        Flags =
        [
            new("TEST_USERFAULT", "kvm_run.memory_fault.flags", 4, "The frame is marked."),
            new("TEST_ASYNC_PF", "kvm_run.memory_fault.flags", 5, "An APF was started, or is offered."),
        ],
        Ioctls = [FrameApf.IoctlSpec],
        Structs = [FrameApf.Struct],
    };
}
