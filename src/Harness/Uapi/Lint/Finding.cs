namespace UapiLab.Harness.Uapi.Lint;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Something a maintainer would not take.</summary>
    Error,

    /// <summary>Something that will be asked about.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Note,
}

/// <summary>What a rule found.</summary>
/// <param name="Rule">Id of the rule.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Place">The structure, field, ioctl, flag, capability or region.</param>
/// <param name="Text">What is wrong, without a full stop.</param>
public sealed record Finding(string Rule, Severity Severity, string Place, string Text);
