using UapiLab.Abstractions;

namespace UapiLab.Harness.Registry;

/// <summary>The encodings that can be named, and how a name becomes one.</summary>
public sealed class EncodingRegistry
{
    /// <summary>Registers families, in the order in which they will be listed.</summary>
    /// <exception cref="InputException">Two families have one id, or a half of an encoding has state of its own.</exception>
    public EncodingRegistry(IEnumerable<IEncodingFamily> families) => Families = families.ToArray();

    /// <summary>Every family, in the order of registration.</summary>
    public IReadOnlyList<IEncodingFamily> Families { get; }

    /// <summary>Makes the encoding that <c>id</c> or <c>id:option=value,option=value</c> names.</summary>
    /// <exception cref="InputException">The id, an option or a value is unknown.</exception>
    public Encoding Resolve(string spec) => throw new NotImplementedException(spec);

    /// <summary>Every combination of option values of a family, the defaults first.</summary>
    public IReadOnlyList<Encoding> EveryVariant(IEncodingFamily family) => throw new NotImplementedException();
}
