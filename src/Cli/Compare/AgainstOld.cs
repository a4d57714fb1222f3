using System.Text.Json;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Compare;

/// <summary>An older report, to say what changed since: where the 95 % intervals of a result have nothing in common
/// (docs/ci.md).</summary>
internal sealed class AgainstOld
{
    private const string Slower = "slower";
    private const string Changed = "changed";
    private const string Expected = "a report.json that compare wrote";
    private const int MostLines = 10;

    /// <summary>Nine digits are written.</summary>
    private const decimal Rounding = 0.000_001m;

    private static readonly Metric s_time = Metric.OfName("elapsedNs")!;

    private static readonly Metric[] s_metrics =
        [s_time, Metric.OfName("backToBackApf")!, Metric.OfName("exits")!];

    private readonly string _path;
    private readonly int _seeds;
    private readonly Dictionary<(string Encoding, string Workload, decimal? Predict, string Metric), Summary> _results
        = [];
    private readonly Dictionary<(string Proposal, string Id), string> _claims = [];

    private AgainstOld(string path, JsonElement root)
    {
        _path = path;
        _seeds = root.GetProperty("seeds").GetArrayLength();
        foreach (var cell in root.GetProperty("cells").EnumerateArray()
            .Where(c => c.GetProperty("policyRole").GetString() == "common"))
        {
            var predict = cell.GetProperty("predict");
            foreach (var metric in s_metrics)
            {
                if (cell.GetProperty("metrics").TryGetProperty(metric.Name, out var value)
                    && value.ValueKind == JsonValueKind.Object)
                {
                    _results[(Text(cell, "encoding"), Text(cell, "workload"),
                        predict.ValueKind == JsonValueKind.Null ? null : predict.GetDecimal(), metric.Name)] = new(
                        _seeds, Number(value, "mean"), Number(value, "low"), Number(value, "high"));
                }
            }
        }

        foreach (var claim in root.GetProperty("claims").EnumerateArray())
        {
            _claims[(Text(claim, "proposal"), Text(claim, "id"))] = Text(claim, "verdict");
        }
    }

    /// <summary>What <c>--fail-if</c> takes.</summary>
    public static string[] Kinds => [Slower, Changed];

    /// <returns>Null if none is asked for.</returns>
    /// <exception cref="InputException">It is no report.</exception>
    public static AgainstOld? Read(CompareRequest request, CancellationToken cancellation)
    {
        if (request.Against is not { } path)
        {
            return request.FailIf is null ? null : throw new InputException("--fail-if", "expected --against with it");
        }

        var bytes = InputFile.Read(path, Expected, cancellation);
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return new(path, json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new InputException(path, $"expected {Expected}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>What changed.</summary>
    public Changes Compare(ComparisonReport report)
    {
        if (_seeds < 2 || report.Seeds.Count < 2)
        {
            return new([$"Against {_path}: nothing is told apart, as one repetition has no interval."], 0, 0);
        }

        var lines = new List<(decimal Size, string Text)>();
        var (compared, slower) = (0, 0);
        foreach (var cell in report.Cells.Where(c => c.Role == PolicyRole.Common))
        {
            foreach (var metric in s_metrics)
            {
                if (cell[metric] is not { } now
                    || !_results.TryGetValue((cell.Encoding, cell.Workload, cell.Predict, metric.Name), out var was))
                {
                    continue;
                }

                compared++;
                var (more, less) = (IsAbove(now, was), IsAbove(was, now));
                if (more || less)
                {
                    slower += more && metric == s_time ? 1 : 0;
                    var part = was.Mean == 0 ? 1 : Math.Abs((now.Mean / was.Mean) - 1);
                    var at = cell.Predict is { } p ? Invariant($" p={p}") : "";
                    lines.Add((part, $"- {cell.Encoding}{at} on {cell.Workload}: {Word(metric, more, part)} "
                        + $"({Words.Interval(now)}, was {Words.Interval(was)})"));
                }
            }
        }

        string[] claims =
        [
            .. from claim in report.Claims
               where _claims.TryGetValue((claim.Source, claim.Claim.Id), out var was) && was != claim.Verdict.Words()
               select $"- claim {claim.Source} {claim.Claim.Id}: {claim.Verdict.Words()}, was {
                   _claims[(claim.Source, claim.Claim.Id)]}",
        ];
        string[] all = [.. claims, .. lines.OrderByDescending(l => l.Size).ThenBy(l => l.Text, StringComparer.Ordinal)
            .Select(l => l.Text)];
        return new(
            [
                Invariant($"Against {_path}: {lines.Count} of {compared} results changed beyond their intervals")
                    + (claims.Length > 0 ? Invariant($", and {claims.Length} verdicts on claims") : "") + ".",
                .. all.Take(MostLines),
                .. all.Length > MostLines ? [Invariant($"- and {all.Length - MostLines} more")] : Array.Empty<string>(),
            ],
            slower, all.Length);
    }

    private static bool IsAbove(Summary one, Summary other) => one.Low > other.High * (1 + Rounding);

    private static string Word(Metric metric, bool more, decimal part)
    {
        var percent = Invariant($"{part * 100:0.##} %");
        return metric == s_time ? $"{percent} {(more ? Slower : "faster")}"
            : $"{percent} {(more ? "more" : "fewer")} {metric.Name}";
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static decimal Number(JsonElement element, string name) => element.GetProperty(name).GetDecimal();

    /// <summary>What changed, in lines, and how much of it.</summary>
    internal sealed record Changes(IReadOnlyList<string> Lines, int SlowerResults, int AllResults)
    {
        public bool Fails(string? kind) => kind switch
        {
            Slower => SlowerResults > 0,
            Changed => AllResults > 0,
            _ => false,
        };
    }
}
