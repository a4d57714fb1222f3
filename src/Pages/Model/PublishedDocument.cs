namespace UapiLab.Pages.Model;

/// <summary>What a page shows of <c>compare --published --json</c> (docs/published.md).</summary>
public sealed record PublishedDocument : ResultFile
{
    public required int SchemaVersion { get; init; }
    public required IReadOnlyList<string> Sentences { get; init; }
    public required IReadOnlyList<string> Missed { get; init; }
    public required decimal Factor { get; init; }
    public required IReadOnlyList<PublishedSeriesPart> Series { get; init; }

    internal override (string Member, int Version) VersionSaid => ("schemaVersion", SchemaVersion);

    internal override string? Contradiction() =>
        Series.SelectMany(s => s.Rows).Any(r => r.Published <= 0 || r.Simulated < 0)
            ? "a row has no pages per second, expected a number above 0" : null;
}

public sealed record PublishedSeriesPart(
    string Table, string Name, string? Encoding, bool PerVcpu, IReadOnlyList<FittedPart> Fitted,
    IReadOnlyList<PublishedRowPart> Rows);

public sealed record FittedPart(string Cost, string Value, int Vcpus);

public sealed record PublishedRowPart(int Vcpus, long Published, long Simulated, bool Fitted, bool Within)
{
    public string Verdict => Fitted ? "fitted" : Within ? "within" : "MISSED";
}

/// <summary>The rows of one publication as points: published across, simulated upward.</summary>
public sealed record PublishedTable(string Name, decimal Factor, IReadOnlyList<PublishedRowPart> Rows)
{
    /// <summary>In the order of the curves.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["predicted, within the factor", "predicted, beyond it", "fitted"];

    public string Caption
    {
        get
        {
            var predicted = Rows.Count(r => !r.Fitted);
            return Invariant($"{Rows.Count(r => r is { Fitted: false, Within: true })} of {predicted} predicted ")
                + (predicted == 1 ? "row is" : "rows are") + Invariant($" within a factor of {Factor}.");
        }
    }

    public LineChart Chart
    {
        get
        {
            decimal[] all = [.. Rows.SelectMany(r => new decimal[] { r.Published, Math.Max(r.Simulated, 1) })];
            ChartAxis Axis(string title) => ChartAxis.Of(title, all, isLog: true, label: Short, inDecades: true);
            var (low, high) = ((decimal)Axis("").Low, (decimal)Axis("").High);
            // From edge to edge of the chart.
            ChartCurve Diagonal(decimal factor) => new(
                [.. ((decimal[])[Math.Max(low, low / factor), Math.Min(high, high / factor)])
                    .Select(x => new ChartPoint(x, x * factor))]);
            ChartCurve Those(Func<PublishedRowPart, bool> which) => new([.. Rows.Where(which)
                .Select(r => new ChartPoint(r.Published, Math.Max(r.Simulated, 1)))], IsJoined: false);
            return new($"Pages per second, {Name}", Axis("published, pages/s"), Axis("simulated, pages/s"),
            [
                Those(r => r is { Fitted: false, Within: true }), Those(r => r is { Fitted: false, Within: false }),
                Those(r => r.Fitted),
            ])
            {
                Guides = Factor is > 0.001m and < 1000
                    ? [Diagonal(1), Diagonal(Factor), Diagonal(1 / Factor)] : [Diagonal(1)],
            };
        }
    }

    public static IEnumerable<PublishedTable> Of(PublishedDocument published) =>
        published.Series.GroupBy(s => s.Table, s => s.Rows)
            .Select(t => new PublishedTable(t.Key, published.Factor, [.. t.SelectMany(r => r)]))
            .Where(t => t.Rows.Count > 0);

    private static string Short(double pages) => pages switch
    {
        >= 1e6 => Invariant($"{pages / 1e6:0.###}M"),
        >= 1e3 => Invariant($"{pages / 1e3:0.###}k"),
        _ => Invariant($"{pages:0.###}"),
    };
}
