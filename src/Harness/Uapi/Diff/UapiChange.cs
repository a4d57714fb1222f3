namespace UapiLab.Harness.Uapi.Diff;

/// <summary>What a change does to programs built against the older version.</summary>
public enum ChangeClass
{
    /// <summary>Something new; nothing there was touched.</summary>
    Addition,

    /// <summary>A name changed and no byte: old source no longer compiles, old binaries work.</summary>
    Rename,

    /// <summary>Padding was put to use. abidiff reports it, check-uapi lets it pass.</summary>
    Padding,

    /// <summary>Nothing that an old program uses moved; abidiff reports it all the same, and check-uapi refuses
    /// it.</summary>
    Reported,

    /// <summary>A structure grew at its end. check-uapi lets it pass only with -i.</summary>
    Growth,

    /// <summary>Old binaries read or write the wrong bytes, or another request is meant.</summary>
    Break,
}

/// <summary>A difference between two versions.</summary>
/// <param name="Class">What it does.</param>
/// <param name="Place">Structure, field, macro or region.</param>
/// <param name="Text">What changed, without a full stop.</param>
/// <param name="Why">Why it is of that class.</param>
/// <param name="SeenByAbidiff">Whether a comparison of two compiled headers can see it.</param>
public sealed record UapiChange(ChangeClass Class, string Place, string Text, string Why, bool SeenByAbidiff);
