namespace UapiLab.Harness.Comparisons.Reports;

/// <summary>What a report says about where and how fast it was made: the only part that may differ between two runs of
/// one command.</summary>
/// <param name="Environment">Version, runtime, machine.</param>
/// <param name="Timing">Names end in the unit.</param>
public sealed record ReportContext(
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    IReadOnlyList<KeyValuePair<string, decimal>> Timing)
{
    /// <summary>Nothing.</summary>
    public static ReportContext None { get; } = new([], []);
}
