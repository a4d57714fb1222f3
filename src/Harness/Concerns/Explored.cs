using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Concerns;

/// <summary>What exploring an instance came to: all of it, or all of the largest smaller machine that could be exhausted.</summary>
/// <param name="Outcome">What is decided.</param>
/// <param name="GivenUp">The search of the instance that was asked for, if it was too big; nothing was broken as far as it went.</param>
public sealed record Explored(CheckOutcome Outcome, CheckOutcome? GivenUp)
{
    /// <summary>A property is broken.</summary>
    public bool IsBroken => Outcome.IsBroken;

    /// <summary>Not even the smallest machine was exhausted.</summary>
    public bool IsUndecided => Outcome.IsUndecided;

    /// <summary>The machine, if it is not the one that was asked for: " (re-arm:vcpus=1)".</summary>
    public string Where => GivenUp is null ? "" : $" ({Outcome.Instance.Name})";
}
