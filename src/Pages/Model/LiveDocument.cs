using UapiLab.Harness.Comparisons.Reports;

namespace UapiLab.Pages.Model;

/// <summary>What a page shows of <c>live --json</c> (docs/calibrate.md).</summary>
public sealed record LiveDocument : ResultFile
{
    public required int SchemaVersion { get; init; }
    public required string Live { get; init; }
    public required string? Host { get; init; }
    public required string Kvm { get; init; }
    public required IReadOnlyList<string> Sentences { get; init; }
    public required IReadOnlyList<LiveRowPart> Rows { get; init; }

    /// <summary>The times, in the order of their curves.</summary>
    public IReadOnlyList<string> Times => [.. Rows.Where(r => r.IsShown).Select(r => r.Metric).Distinct()];

    /// <summary>A point for each time: simulated across, measured upward.</summary>
    public LineChart Chart
    {
        get
        {
            LiveRowPart[] shown = [.. Rows.Where(r => r.IsShown)];
            decimal[] all = [.. shown.SelectMany(r => new[] { r.Simulated!.Value, r.Measured!.Value })];
            ChartAxis Axis(string title) => ChartAxis.OfTimes(title, all);
            var (low, high) = ((decimal)Axis("").Low, (decimal)Axis("").High);
            return new($"Simulated and measured times of {Live}{Mark}", Axis("simulated"), Axis("measured"),
                [.. Times.Select(metric => new ChartCurve([.. shown.Where(r => r.Metric == metric)
                    .Select(r => new ChartPoint(r.Simulated!.Value, r.Measured!.Value))], IsJoined: false))])
            {
                Guides = [new([new(low, low), new(high, high)])],
            };
        }
    }

    /// <summary>What has to stand beside every figure.</summary>
    public string Mark => Kvm == "emulated" ? ", KVM emulated in userspace" : "";

    internal override (string Member, int Version) VersionSaid => ("schemaVersion", SchemaVersion);

    internal override string? Contradiction() => Times.Count > CurveLook.Most
        ? Invariant($"rows are of {Times.Count} times, expected at most {CurveLook.Most}") : null;
}

public sealed record LiveRowPart(
    string Encoding, string Kvm, int Vcpus, bool IsShared, int Threads, long FetchNs, string Metric, bool IsTime,
    bool IsDetermined, decimal? Measured, decimal? Simulated)
{
    /// <summary>Whether it is a point of the chart, whose axes have no 0.</summary>
    public bool IsShown => IsTime && Measured > 0 && Simulated > 0;

    public string Ratio => Measured is { } measured && Simulated is { } simulated and not 0
        ? Invariant($"{measured / simulated:0.00}") : "";

    public string Text(decimal? value) => value is not { } known ? ""
        : IsTime ? Words.Duration(known) : Invariant($"{known:0}");
}
