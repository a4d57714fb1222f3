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
    /// <summary>Where it catches a missing page; what needs userfaultfd gets it, whatever memory a workload
    /// has.</summary>
    public Interception Interception { get; init; }
    /// <summary>Version of its uAPI, starting at 1.</summary>
    public int Version { get; init; } = 1;
    /// <summary>What <see cref="FaultExit.Extra"/> stands for.</summary>
    public WordKind ExitExtra { get; init; } = WordKind.Opaque;
    /// <summary>What <see cref="Waiter.Cookie"/> stands for.</summary>
    public WordKind WaiterCookie { get; init; } = WordKind.Opaque;
    /// <summary>What the argument of <see cref="IKvm.QueueWork"/> stands for.</summary>
    public WordKind WorkArgument { get; init; } = WordKind.Opaque;
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
    /// <summary>Named values of fields that are not flag bits.</summary>
    public IReadOnlyList<ConstantSpec> Constants { get; init; } = [];
    /// <summary>KVM locks its KVM half takes.</summary>
    public IReadOnlyList<KvmLock> Locks { get; init; } = [];
    /// <summary>What it keeps a second time beside what KVM has for its own APFs, each in a few words: a queue, a lock.
    /// The machine has one of each.</summary>
    public IReadOnlyList<string> Duplicates { get; init; } = [];
}
