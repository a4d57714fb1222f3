namespace UapiLab.Abstractions;

/// <summary>What kind of thing an encoding is.</summary>
[Flags]
public enum EncodingTraits
{
    /// <summary>An ordinary proposal.</summary>
    None = 0,
    /// <summary>A reference point, not a design anybody could build, or choose instead.</summary>
    ReferencePoint = 1,
    /// <summary>May ask for <see cref="IKvm.Truth"/>; its signalling is charged nothing.</summary>
    Omniscient = 2,
    /// <summary>Our own variant of an idea that was never posted; reports say so.</summary>
    NeverPosted = 4,
}

/// <summary>One encoding with its options fixed: declared memory, self-description, two halves.</summary>
/// <remarks>The halves must be sealed types without mutable or static state; the harness checks at load.</remarks>
public abstract class Encoding
{
    /// <summary>What it is, in data: options, capabilities, flags, ioctls, layouts.</summary>
    public abstract EncodingDescription Description { get; }

    /// <summary>Every region it uses; a <see cref="Region"/> names one by position.</summary>
    public abstract IReadOnlyList<RegionSpec> Regions { get; }

    /// <summary>Events that its halves count, with <see cref="IMemory.Count"/>; a half names one by position.</summary>
    public virtual IReadOnlyList<OwnEventSpec> OwnEvents => [];

    /// <summary>Every version of its uAPI, oldest first, with these options: what was released, then what was added to
    /// it. A version may only append regions, so that the halves of two versions agree on those that both
    /// know.</summary>
    public virtual IReadOnlyList<Encoding> Versions => [this];

    /// <summary>The uAPI that it was put on top of, and that VMMs are written against which know nothing of it: its
    /// version 0. Null if there is none. Its regions come first here.</summary>
    public virtual Encoding? BuildsOn => null;

    /// <summary>The same uAPI with every size (of a ring, say) as small as it can be, for machines on which every
    /// interleaving is explored.</summary>
    public virtual Encoding Smallest => this;

    /// <summary>The KVM half for a world.</summary>
    public abstract IKvmHalf<TKvm> KvmHalf<TKvm>() where TKvm : struct, IKvm;

    /// <summary>The VMM half for a world.</summary>
    public abstract IVmmHalf<TVmm> VmmHalf<TVmm>() where TVmm : struct, IVmm;
}

/// <summary>Makes encodings of one id. This is what is registered; the built-ins use nothing else.</summary>
public interface IEncodingFamily
{
    /// <summary>Identifier for the command line: lower case, digits and dashes.</summary>
    string Id { get; }

    /// <summary>One line for <c>list</c>.</summary>
    string Summary { get; }

    /// <summary>Every option, with default and documentation.</summary>
    IReadOnlyList<OptionSpec> Options { get; }

    /// <summary>Builds the encoding for a complete set of option values (each one of
    /// <see cref="OptionSpec.Values"/>).</summary>
    Encoding Create(OptionValues options);
}
