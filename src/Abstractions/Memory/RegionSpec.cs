namespace UapiLab.Abstractions;

/// <summary>Who may touch a region.</summary>
public enum RegionOwner : byte
{
    /// <summary>Mapped by the VMM and read or written by KVM: this is uAPI.</summary>
    Shared,
    /// <summary>Kernel memory; the VMM half cannot address it.</summary>
    KvmPrivate,
    /// <summary>VMM memory; the KVM half cannot address it.</summary>
    VmmPrivate,
}

/// <summary>What a region is an array over.</summary>
public enum RegionScope : byte
{
    /// <summary>One instance for the VM.</summary>
    PerVm,
    /// <summary>One instance per vCPU.</summary>
    PerVcpu,
    /// <summary>One instance per outstanding-APF slot of each vCPU.</summary>
    PerApf,
    /// <summary>A number of bits for each gfn, packed into words.</summary>
    PerGfn,
}

/// <summary>A declared array of words. All state of an encoding lives in declared regions; nothing else is saved,
/// hashed, replayed or shared between its two halves.</summary>
/// <param name="Name">Identifier used in traces and generated headers, lower case with underscores.</param>
/// <param name="Owner">Who may address it.</param>
/// <param name="Scope">What it is an array over.</param>
/// <param name="WordBits">Width of one word: 8, 32 or 64.</param>
/// <param name="Count">Words per VM, per vCPU or per APF slot; for <see cref="RegionScope.PerGfn"/> the number of
/// bits per gfn (a power of two, 1 to 64, at most <paramref name="WordBits"/>).</param>
/// <param name="Doc">One sentence: what the words mean and who writes them.</param>
public sealed record RegionSpec(string Name, RegionOwner Owner, RegionScope Scope, int WordBits, int Count, string Doc)
{
    /// <summary>What each word stands for; for <see cref="RegionScope.PerGfn"/> the bits of each frame are a
    /// <see cref="WordKind.Number"/>.</summary>
    public WordKind Holds { get; init; } = WordKind.Opaque;

    /// <summary>For an array of records, such as a ring's entries: what each word of a record stands for, instead of
    /// <see cref="Holds"/>. Empty if all words are alike.</summary>
    public IReadOnlyList<WordKind> RecordHolds { get; init; } = [];

    /// <summary>For KVM's own memory: how its content comes back after a save and restore of the VM, or why it need
    /// not. Empty if it is lost.</summary>
    public string Restore { get; init; } = "";

    /// <summary>For <see cref="RegionScope.PerApf"/>: a word that is not 0 stands for memory that KVM's half allocated
    /// for the APF in its slot, and leaves no later than the APF.</summary>
    public bool Allocates { get; init; }

    /// <summary>What each word holds before either side has written it. 0, as from a fresh mapping, unless the owner of
    /// the memory does not know that it is looked at (docs/version-skew.md).</summary>
    public ulong StartsAs { get; init; }

    /// <summary>Its words are counters that run on past their width, of which only differences matter: the indices of
    /// a ring. Those that are compared with each other start alike. <c>check</c> has an instance on which they are one
    /// before their end when the guest starts.</summary>
    public bool RunsFreely { get; init; }

    /// <summary>Words of the region in a VM of this size.</summary>
    /// <param name="vcpus">vCPUs.</param>
    /// <param name="apfSlots">APF slots of all vCPUs together.</param>
    /// <param name="gfns">Frames in the memslot.</param>
    public long Words(int vcpus, int apfSlots, long gfns) => Scope switch
    {
        RegionScope.PerVm => Count,
        RegionScope.PerVcpu => (long)Count * vcpus,
        RegionScope.PerApf => (long)Count * apfSlots,
        _ => ((gfns * Count) + WordBits - 1) / WordBits,
    };
}

/// <summary>Handle of a declared region. Its value is the position in the encoding's declaration order.</summary>
/// <param name="Id">Position in <see cref="Encoding.Regions"/>.</param>
/// <param name="WordsPerUnit">Words per vCPU or APF slot (1 for per-VM and per-gfn regions, which index
/// plainly).</param>
public readonly record struct Region(int Id, int WordsPerUnit = 1)
{
    /// <summary>Index of word <paramref name="word"/> of unit <paramref name="unit"/> (vCPU number or APF
    /// slot).</summary>
    public ulong At(int unit, int word = 0) => (ulong)unit * (ulong)WordsPerUnit + (ulong)word;
}
