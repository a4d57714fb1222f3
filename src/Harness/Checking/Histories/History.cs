using System.Collections.Immutable;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A run worth reading: from the initial state to the step that broke or showed a property. Plain data; the
/// writers beside this file turn it into text, Markdown and JSON.</summary>
public sealed record History
{
    /// <summary>The property, as typed on the command line.</summary>
    public required string Property { get; init; }
    /// <summary>What the property says.</summary>
    public required string PropertyDoc { get; init; }
    /// <summary>What happened, one sentence.</summary>
    public required string Outcome { get; init; }
    /// <summary>Encoding with its options, as typed.</summary>
    public required string Encoding { get; init; }
    /// <summary>Version of the encoding's uAPI, and of its layout (a digest of regions, ioctls and flags).</summary>
    public required string EncodingVersion { get; init; }
    /// <summary>Instance parameters by name, in the order in which they are printed.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Instance { get; init; }
    /// <summary>Version of the machine's rules; a trace of another one is refused.</summary>
    public required string MachineVersion { get; init; }
    /// <summary>The encoding's words after set-up that are not 0; null if all are.</summary>
    internal string? AtFirst { get; init; }
    /// <summary>Lanes from left to right: vCPU 0, vCPU 1, I/O thread 0, KVM, guest tasks…</summary>
    public required IReadOnlyList<string> Lanes { get; init; }
    /// <summary>The steps, in order.</summary>
    public required IReadOnlyList<HistoryStep> Steps { get; init; }
    /// <summary>Number of the step after which the outcome could no longer be avoided; 0 = not determined.</summary>
    public int InevitableFrom { get; init; }
    /// <summary>At the end: who waits for what.</summary>
    internal IReadOnlyList<WaitingFor> Waiting { get; init; } = [];
    /// <summary>Whether its outcome is what is wanted.</summary>
    internal bool IsGood { get; init; }
    /// <summary>Of a run of a witness pair: how many things its viewer has seen after each step.</summary>
    internal IReadOnlyList<int> Seen { get; init; } = [];
    /// <summary>Whether it needs a behaviour that the memory model allows and ARMv8 does not; then which.</summary>
    public string? BeyondArmV8 { get; init; }

    /// <summary>The story in a few steps: their numbers, who takes them, and what happens.</summary>
    public IReadOnlyList<(int Number, string By, string Text)> InShort() =>
        [.. HistoryDiagram.Of(this).Milestones.Select(m => (m.Number, m.By.Name(this), m.Text))];
}

/// <summary>A step that a schedule has the machine take.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Actor">Actor number of the machine.</param>
/// <param name="Choices">Answers to the choices within the step, in order; of a commit, which of the buffered
/// stores.</param>
public readonly record struct ScheduledStep(StepKind Kind, int Actor, ImmutableArray<int> Choices);

/// <summary>One atomic step.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Scheduled">What replay takes again.</param>
/// <param name="Lane">Index into <see cref="History.Lanes"/>.</param>
/// <param name="Text">What it does, without its lane: "load userfault_bitmap[0] = 0x1 (acquire)".</param>
/// <param name="Source">File and line of the encoding ("SingleBitVmmHalf.cs:31"), or null for the machine's
/// own.</param>
/// <param name="Rule">Rule of docs/model.md that it follows ("A5"), or null.</param>
/// <param name="Changes">Changed fields only.</param>
/// <param name="Events">Events of the machine, with the names a kernel would trace.</param>
public sealed record HistoryStep(
    int Number, ScheduledStep Scheduled, int Lane, string Text, string? Source, string? Rule,
    IReadOnlyList<FieldChange> Changes, IReadOnlyList<string> Events)
{
    /// <summary>When it began, and until when its actor ran before its next step or before it slept, in ns of the
    /// simulator's or the recorder's clock; null: there is no clock.</summary>
    internal (long FromNs, long ToNs)? Time { get; init; }
}

/// <summary>A field that a step changed.</summary>
/// <param name="Field">Name: "vcpu0.ApfHalted", "userfault_bitmap[0]", "task1.Status".</param>
/// <param name="Before">Value before, as printed.</param>
/// <param name="After">Value after.</param>
public sealed record FieldChange(string Field, string Before, string After);

/// <summary>An actor that can take no step at the end.</summary>
/// <param name="Lane">Index into <see cref="History.Lanes"/>.</param>
/// <param name="For">What it waits for: "READY for gfn 1 on vCPU 0".</param>
/// <param name="WouldWake">Which step would have woken it, or null.</param>
internal sealed record WaitingFor(int Lane, string For, string? WouldWake);

/// <summary>The parts of one step as texts, the same in every writer.</summary>
internal static class StepText
{
    /// <summary>What is written after the step from which the outcome could not be avoided.</summary>
    public const string Inevitable = "from here on the outcome can no longer be avoided";

    /// <summary>What is written in place of the steps before a first fault.</summary>
    public static string Boot(int steps) => steps == 1 ? "1 step of a vCPU before its first fault is left out"
        : Invariant($"{steps} steps of vCPUs before their first fault are left out");

    /// <summary>Source and rule: <c>SingleBitVmmHalf.cs:31</c>, <c>rule A5</c>; empty if it has neither.</summary>
    public static IEnumerable<string> Where(HistoryStep step)
    {
        if (step.Source is { } source)
        {
            yield return source;
        }

        if (step.Rule is { } rule)
        {
            yield return "rule " + rule;
        }
    }

    public static string Of(FieldChange change) => $"{change.Field}: {change.Before} -> {change.After}";

    public static string Of(string eventName) => "* " + eventName;

    public static string Of(History history, WaitingFor waiting) => waiting.WouldWake is { } wake
        ? $"{history.Lanes[waiting.Lane]} waits for {waiting.For}; it would have been woken by: {wake}"
        : $"{history.Lanes[waiting.Lane]} waits for {waiting.For}";
}
