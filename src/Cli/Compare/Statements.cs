using UapiLab.Harness.Comparisons;

namespace UapiLab.Cli.Compare;

/// <summary>Statements about encodings that have a name in the discussion; the harness makes none.</summary>
internal static class Statements
{
    public static ComparisonReport AddTo(ComparisonReport report) => report;
}
