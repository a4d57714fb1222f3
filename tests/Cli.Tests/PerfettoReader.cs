using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace UapiLab.Cli.Tests;

/// <summary>Trace events as an importer takes them, written without the writer's code: what is wrong with a
/// document.</summary>
internal static partial class PerfettoReader
{
    /// <param name="json">The document.</param>
    /// <param name="hasClock">Whether steps say themselves when they are: then all else has to agree with them. Where
    /// there is no clock, times are whole microseconds.</param>
    public static IReadOnlyList<string> Complaints(string json, bool hasClock = false)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        var complaints = new List<string>();
        var named = new HashSet<(int, int)>();
        var open = new Dictionary<(int, int), Stack<decimal>>();
        var slices = new List<Slice>();
        var spans = new Dictionary<string, Span>();
        var whole = new List<Span>();
        var flows = new Dictionary<string, List<(string Phase, (int, int) Track, decimal At)>>();
        decimal last = 0;
        JsonElement events = document.RootElement.GetProperty("traceEvents");
        foreach ((int number, JsonElement e) in events.EnumerateArray().Index())
        {
            void Expect(bool holds, string what)
            {
                if (!holds)
                {
                    complaints.Add($"event {number}: {what}");
                }
            }

            string phase = e.GetProperty("ph").GetString()!;
            (int, int) track = (e.GetProperty("pid").GetInt32(), e.GetProperty("tid").GetInt32());
            decimal at = e.GetProperty("ts").GetDecimal();
            Expect(hasClock ? at * 1_000 == decimal.Truncate(at * 1_000) : at == decimal.Truncate(at),
                hasClock ? "a time that is no whole nanosecond" : "a time that is no integer");
            if (phase == "M")
            {
                Expect(e.GetProperty("args").EnumerateObject().Any(), "metadata without a value");
                if (e.GetProperty("name").GetString() is "thread_name" or "process_name")
                {
                    named.Add(track);
                }

                continue;
            }

            Expect(at >= last, "time goes back");
            last = at;
            Expect(named.Contains(track) && named.Contains((track.Item1, 0)), "a track without a name");
            Expect(e.GetProperty("name").GetString()!.Length > 0, "no name");
            switch (phase)
            {
                case "X":
                    decimal end = at + e.GetProperty("dur").GetDecimal();
                    Expect(hasClock ? end >= at : end > at, "a slice of no length");
                    Stack<decimal> stack = open.TryGetValue(track, out var known) ? known : open[track] = new();
                    while (stack.TryPeek(out decimal ended) && ended <= at)
                    {
                        stack.Pop();
                    }

                    Expect(!stack.TryPeek(out decimal outer) || end <= outer,
                        "a slice that is not within its outer one");
                    stack.Push(end);
                    slices.Add(new(number, track, at, end, e.GetProperty("cat").GetString()!, Events(e)));
                    break;
                case "b":
                    Expect(spans.TryAdd(Key(e), new(number, track, e.GetProperty("name").GetString()!, at)),
                        "a span that is open already");
                    break;
                case "e":
                    Expect(spans.Remove(Key(e), out Span? begun) && begun.Name == e.GetProperty("name").GetString(),
                        "the end of a span that is not open");
                    if (begun is not null)
                    {
                        whole.Add(begun with { To = at, IsCut = e.TryGetProperty("args", out _) });
                    }

                    break;
                case "s" or "f":
                    Expect(phase == "s" || e.GetProperty("bp").GetString() == "e", "an arrow tied to the next slice");
                    (flows.TryGetValue(Key(e), out var ends) ? ends : flows[Key(e)] = []).Add((phase, track, at));
                    break;
                case "i":
                    Expect(e.GetProperty("s").GetString() is "t" or "p" or "g", "a mark without a scope");
                    break;
                default:
                    Expect(false, "phase " + phase);
                    break;
            }
        }

        complaints.AddRange(spans.Keys.Select(key => $"span {key} has no end"));
        complaints.AddRange(flows.Where(f => !f.Value.Select(e => e.Phase).SequenceEqual(["s", "f"]))
            .Select(f => $"arrow {f.Key} is no pair"));
        ILookup<(int, int), Slice> onTrack = slices.ToLookup(s => s.Track);
        complaints.AddRange(flows.Where(f => !f.Value.TrueForAll(e =>
                onTrack[e.Track].Any(s => s.From <= e.At && e.At < s.To)))
            .Select(f => $"arrow {f.Key} has an end outside every slice"));
        return hasClock ? [.. complaints, .. AgainstTheClock(slices, whole)] : complaints;
    }

    /// <summary>What does not agree with the times that the steps name.</summary>
    private static IEnumerable<string> AgainstTheClock(List<Slice> slices, List<Span> spans)
    {
        Dictionary<int, decimal> ends =
            slices.GroupBy(s => s.Track.Item1).ToDictionary(g => g.Key, g => g.Max(s => s.To));
        foreach (IGrouping<(int, int), Slice> track in slices.GroupBy(s => s.Track))
        {
            Slice[] steps = [.. track.Where(s => s.Kind == "step").OrderBy(s => s.From).ThenBy(s => s.To)];
            HashSet<decimal> begins = [.. steps.Select(s => s.From)];
            foreach (Slice step in steps.Where(s => s.Said is { } said && said != s.From))
            {
                yield return $"event {step.Number}: a step that says it is at {step.Said} us";
            }

            foreach ((Slice step, Slice next) in steps.Zip(steps.Skip(1)).Where(p => p.First.To > p.Second.From))
            {
                yield return $"event {step.Number}: a step that goes on after event {next.Number}, the next one";
            }

            foreach (Slice place in track.Where(s => s.Kind == "place"
                && !(begins.Contains(s.From) && (begins.Contains(s.To) || s.To == ends[s.Track.Item1]))))
            {
                yield return $"event {place.Number}: a place that begins or ends where no step begins";
            }
        }

        ILookup<((int, int), decimal), string> told = slices.Where(s => s.Kind == "step")
            .SelectMany(s => s.Events.Select(e => (Key: (s.Track, s.From), Event: e)))
            .ToLookup(t => t.Key, t => t.Event);
        foreach (Span span in spans)
        {
            string apf = span.Name["APF, ".Length..];
            if (!told[(span.Track, span.From)].Contains("kvm_async_pf_not_present " + apf))
            {
                yield return $"event {span.Number}: a span that does not begin at its not-present";
            }

            bool isReady = told[(span.Track, span.To)].Any(e => e == "kvm_async_pf_ready " + apf
                || e.EndsWith(" token ~0", StringComparison.Ordinal));
            if (span.IsCut ? span.To != ends[span.Track.Item1] : !isReady)
            {
                yield return $"event {span.Number}: a span that does not end at its ready";
            }
        }
    }

    private static string[] Events(JsonElement e) =>
        e.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("events", out JsonElement events)
            ? [.. events.EnumerateArray().Select(t => t.GetString()!)] : [];

    private static string Key(JsonElement e) =>
        $"{e.GetProperty("cat").GetString()} {e.GetProperty("id").GetString()}";

    [GeneratedRegex(@"^at (\S+) us$")]
    private static partial Regex At();

    private sealed record Slice(int Number, (int, int) Track, decimal From, decimal To, string Kind, string[] Events)
    {
        /// <summary>When it is as it says.</summary>
        public decimal? Said { get; } = Events.Select(e => At().Match(e)).FirstOrDefault(m => m.Success) is { } match
            ? decimal.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    /// <param name="IsCut">Whether it ends with the trace.</param>
    private sealed record Span(
        int Number, (int, int) Track, string Name, decimal From, decimal To = 0, bool IsCut = false);
}
