using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Histories as trace events in JSON, which ui.perfetto.dev opens (docs/history-format.md). A history is a
/// process, a lane a thread, a step a slice: as long as it took, or of one microsecond where there is no
/// clock.</summary>
public static partial class PerfettoTrace
{
    private const string Apf = "apf";
    private const string NotPresent = "kvm_async_pf_not_present ";
    private const string WakeAll = "token ~0";
    private const long NsPerMicrosecond = 1_000;

    private static readonly JsonSerializerOptions s_line = new(JsonText.Ascii)
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The document, a line for each event, with a line feed at its end.</summary>
    /// <param name="histories">In order.</param>
    public static string Write(IReadOnlyList<History> histories) =>
        "{\"otherData\":{\"writer\":\"uapilab\"},\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
        + string.Join(",\n", histories.SelectMany((h, at) => Events(Story.Of(h), at + 1))
            .OrderBy(e => e.At).ThenBy(e => Rank(e.Ph)).ThenByDescending(e => e.Length ?? 0)
            .Select(e => JsonSerializer.Serialize(e, s_line)))
        + "\n]}\n";

    /// <summary>Names first; a flow is tied to the slice that began last.</summary>
    private static int Rank(string phase) => phase switch
    {
        "M" => 0,
        "X" => 1,
        _ => 2,
    };

    private static IEnumerable<TraceEvent> Events(Story story, int pid)
    {
        TraceEvent[] slices = [.. Steps(story, pid)];
        return [.. Names(story.History, pid), .. slices, .. Spans(story, slices, pid)];
    }

    /// <summary>When a step is. Without a clock the n-th one takes the n-th microsecond.</summary>
    private static (long From, long To) Time(HistoryStep step) =>
        step.Time ?? (step.Number * NsPerMicrosecond, (step.Number + 1) * NsPerMicrosecond);

    /// <summary>When the last step of a history ends.</summary>
    private static long End(History history) => history.Steps.Select(s => Time(s).To).DefaultIfEmpty().Max();

    private static IEnumerable<TraceEvent> Names(History history, int pid)
    {
        TraceEvent Meta(string name, int tid, object args) => new(name, "M", pid, tid, 0) { Args = args };
        yield return Meta("process_name", 0, new { name = $"{history.Property} of {history.Encoding}" });
        yield return Meta("process_sort_index", 0, new { sort_index = pid });
        foreach (var (lane, name) in history.Lanes.Index())
        {
            yield return Meta("thread_name", lane + 1, new { name });
            yield return Meta("thread_sort_index", lane + 1, new { sort_index = lane });
        }
    }

    /// <summary>A slice for each step, within one for guest, KVM or the VMM on the thread of a vCPU.</summary>
    private static IEnumerable<TraceEvent> Steps(Story story, int pid)
    {
        var history = story.History;
        var end = End(history);
        foreach (var lane in story.All.Where(b => b.By.Place != Place.Other).GroupBy(b => b.By.Lane))
        {
            Beat[] beats = [.. lane];
            Beat[] turns = [.. beats.Where((b, i) => i == 0 || b.By != beats[i - 1].By)];
            for (var i = 0; i < turns.Length; i++)
            {
                var from = Time(turns[i].Step).From;
                yield return new(Text(turns[i].By.Place), "X", pid, lane.Key + 1, from)
                {
                    Cat = "place",
                    Length = (i + 1 < turns.Length ? Time(turns[i + 1].Step).From : end) - from,
                };
            }
        }

        foreach (var step in history.Steps)
        {
            var (from, to) = Time(step);
            yield return new(step.Text, "X", pid, step.Lane + 1, from)
            {
                Cat = "step",
                Length = to - from,
                Args = new
                {
                    where = Some(StepText.Where(step)),
                    events = Some(step.Events),
                    changes = Some(step.Changes.Select(StepText.Of)),
                },
            };
            if (step.Number == history.InevitableFrom)
            {
                yield return Mark(StepText.Inevitable, step);
            }

            if (Story.IsViolation(step))
            {
                yield return Mark(history.Outcome, step);
            }
        }

        TraceEvent Mark(string text, HistoryStep step) =>
            new(text, "i", pid, step.Lane + 1, Time(step).From) { S = "p" };
    }

    /// <summary>From each not-present to its ready, and from each READY to its interrupt.</summary>
    private static IEnumerable<TraceEvent> Spans(Story story, TraceEvent[] slices, int pid)
    {
        var reach = Reach(slices);
        var open = new List<(int Lane, string Token, TraceEvent Begin)>();
        var completed = new Dictionary<string, HistoryStep>();
        var count = 0;
        foreach (var step in story.History.Steps)
        {
            foreach (var told in step.Events)
            {
                var token = Token().Match(told).Value;
                if (told.StartsWith(NotPresent, StringComparison.Ordinal))
                {
                    var begin = new TraceEvent("APF, " + told[NotPresent.Length..], "b", pid, step.Lane + 1,
                        Time(step).From)
                    {
                        Cat = Apf,
                        Id = Invariant($"{pid}.{++count}"),
                    };
                    open.Add((step.Lane, token, begin));
                    yield return begin;
                }
                else if (told.StartsWith("kvm_async_pf_completed ", StringComparison.Ordinal))
                {
                    completed[token] = step;
                }
                else if (told.StartsWith("kvm_inj_virq ", StringComparison.Ordinal)
                    && completed.Remove(token, out var ready) && IsInside(ready) && IsInside(step))
                {
                    var id = Invariant($"{pid}.{++count}");
                    yield return Flow("s", ready, id);
                    yield return Flow("f", step, id) with { Bp = "e" };
                }
                else if (EndsApfs(told))
                {
                    foreach (var apf in open.Where(o => o.Lane == step.Lane
                        && (o.Token == token || token is "" or WakeAll)).ToArray())
                    {
                        open.Remove(apf);
                        yield return apf.Begin with { Ph = "e", At = Time(step).From };
                    }
                }
            }
        }

        foreach (var apf in open)
        {
            yield return apf.Begin with
            {
                Ph = "e",
                At = End(story.History),
                Args = new { end = "not ready when the history ends" },
            };
        }

        bool IsInside(HistoryStep step) => reach[(step.Lane + 1, Time(step).From)] > Time(step).From;
        TraceEvent Flow(string phase, HistoryStep step, string id) =>
            new("READY to interrupt", phase, pid, step.Lane + 1, Time(step).From) { Cat = Apf, Id = id };
    }

    /// <summary>Until when the slices of a thread last that have begun at a time: an arrow is tied to one of
    /// them.</summary>
    private static Dictionary<(int Thread, long At), long> Reach(IEnumerable<TraceEvent> slices)
    {
        var reach = new Dictionary<(int, long), long>();
        foreach (var thread in slices.GroupBy(s => s.Tid))
        {
            var to = 0L;
            foreach (var slice in thread.OrderBy(s => s.At))
            {
                to = Math.Max(to, slice.At + (slice.Length ?? 0));
                reach[(slice.Tid, slice.At)] = to;
            }
        }

        return reach;
    }

    /// <summary>The page-ready of one token or of all, or what drops every APF of the vCPU.</summary>
    private static bool EndsApfs(string told) =>
        told.StartsWith("kvm_async_pf_ready", StringComparison.Ordinal)
        || told.StartsWith("apf_dropped", StringComparison.Ordinal)
        || told.StartsWith("vcpu_reset", StringComparison.Ordinal);

    private static string Text(Place place) => place switch
    {
        Place.Guest => "guest",
        Place.Kvm => "KVM",
        _ => "VMM",
    };

    private static string[]? Some(IEnumerable<string> texts) =>
        texts.ToArray() is { Length: > 0 } some ? some : null;

    [GeneratedRegex(@"token \S+")]
    private static partial Regex Token();

    /// <summary>One event, its members named as the format names them.</summary>
    private sealed record TraceEvent(string Name, string Ph, int Pid, int Tid, [property: JsonIgnore] long At)
    {
        public decimal Ts => (decimal)At / NsPerMicrosecond;
        public string? Cat { get; init; }
        public decimal? Dur => (decimal?)Length / NsPerMicrosecond;

        /// <summary>Nanoseconds, as <see cref="At"/>.</summary>
        [JsonIgnore]
        public long? Length { get; init; }

        public string? Id { get; init; }
        public string? Bp { get; init; }
        public string? S { get; init; }
        public object? Args { get; init; }
    }
}
