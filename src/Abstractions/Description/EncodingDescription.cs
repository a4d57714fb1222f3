namespace UapiLab.Abstractions;

/// <summary>An encoding as data, so that tools can print, check and export its uAPI.</summary>
public sealed record EncodingDescription
{
    /// <summary>Family id.</summary>
    public required string Id { get; init; }
    /// <summary>Id with the options that differ from their defaults, as one would type it.</summary>
    public required string FullName { get; init; }
    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }
    /// <summary>Where it comes from: series, date, author; or that it is ours.</summary>
    public required string Origin { get; init; }
    /// <summary>What kind of thing it is.</summary>
    public EncodingTraits Traits { get; init; }
    /// <summary>Version of its uAPI, starting at 1.</summary>
    public int Version { get; init; } = 1;
    /// <summary>What <see cref="FaultExit.Extra"/> stands for.</summary>
    public WordKind ExitExtra { get; init; } = WordKind.Opaque;
    /// <summary>What <see cref="Waiter.Cookie"/> stands for.</summary>
    public WordKind WaiterCookie { get; init; } = WordKind.Opaque;
    /// <summary>Bits of shared state per gfn.</summary>
    public required int BitsPerGfn { get; init; }
    /// <summary>Meaning of each per-gfn value, index = value.</summary>
    public IReadOnlyList<string> States { get; init; } = [];
    /// <summary>KVM capabilities it adds.</summary>
    public IReadOnlyList<CapabilitySpec> Capabilities { get; init; } = [];
    /// <summary>Flag bits it adds to existing fields.</summary>
    public IReadOnlyList<FlagSpec> Flags { get; init; } = [];
    /// <summary>ioctls it adds.</summary>
    public IReadOnlyList<IoctlSpec> Ioctls { get; init; } = [];
    /// <summary>Structures it adds or changes.</summary>
    public IReadOnlyList<StructSpec> Structs { get; init; } = [];
}

/// <summary>A capability.</summary>
/// <param name="Name">KVM_CAP_….</param>
/// <param name="Number">Its number, where one is known.</param>
/// <param name="Enable">How it is switched on: "informational", "vm", "vcpu".</param>
/// <param name="Doc">One sentence.</param>
public sealed record CapabilitySpec(string Name, int Number, string Enable, string Doc);

/// <summary>A flag bit.</summary>
/// <param name="Name">Macro name.</param>
/// <param name="Field">The field it lives in.</param>
/// <param name="Bit">Bit number.</param>
/// <param name="Doc">One sentence.</param>
public sealed record FlagSpec(string Name, string Field, int Bit, string Doc);

/// <summary>An ioctl.</summary>
/// <param name="Name">Macro name.</param>
/// <param name="Number">Command number under the KVM magic 0xAE.</param>
/// <param name="Direction">"W", "R", "WR" or "".</param>
/// <param name="Struct">Argument structure, empty if none.</param>
/// <param name="TakesVcpuMutex">Blocks while KVM_RUN is in progress in another thread, but for <see cref="OpsWithoutMutex"/>.</param>
/// <param name="Errors">Every errno it returns, with the reason.</param>
/// <param name="Doc">One sentence.</param>
public sealed record IoctlSpec(string Name, uint Number, string Direction, string Struct, bool TakesVcpuMutex,
    IReadOnlyList<(Errno Errno, string When)> Errors, string Doc)
{
    /// <summary>Byte offset of the __u32 that selects an operation; -1 if there are no operations.</summary>
    public int OpOffset { get; init; } = -1;

    /// <summary>Operations that are handled before the vCPU mutex is taken.</summary>
    public IReadOnlyList<uint> OpsWithoutMutex { get; init; } = [];

    /// <summary>Whether a call with this argument takes the vCPU mutex.</summary>
    public bool TakesMutexFor(IoctlArgument argument) =>
        TakesVcpuMutex && (OpOffset < 0 || !OpsWithoutMutex.Contains(OpIn(argument)));

    /// <summary>The operation that this argument selects; 0 if there are no operations.</summary>
    public uint OpIn(IoctlArgument argument)
    {
        if (OpOffset < 0)
        {
            return 0;
        }

        ulong word = (OpOffset / 8) switch { 0 => argument.W0, 1 => argument.W1, 2 => argument.W2, _ => argument.W3 };
        return (uint)((word >> (OpOffset % 8 * 8)) & uint.MaxValue);
    }
}

/// <summary>A C structure of the uAPI.</summary>
/// <param name="Name">Tag.</param>
/// <param name="Fields">In order.</param>
/// <param name="Size">sizeof on 64-bit x86, bytes.</param>
public sealed record StructSpec(string Name, IReadOnlyList<FieldSpec> Fields, int Size);

/// <summary>A field of a C structure.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">C type: __u32, __u64, __s32, __u8.</param>
/// <param name="Offset">Bytes from the start.</param>
/// <param name="Elements">Array length, 1 for a scalar.</param>
/// <param name="MustBeZero">Reserved, and checked to be zero.</param>
public sealed record FieldSpec(string Name, string Type, int Offset, int Elements = 1, bool MustBeZero = false);
