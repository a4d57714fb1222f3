using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Histories as trace events in JSON, which ui.perfetto.dev opens (docs/history-format.md). A history is a
/// process, a lane a thread, a step a slice of one microsecond.</summary>
public static partial class PerfettoTrace
{
    private const string Apf = "apf";
    private const string NotPresent = "kvm_async_pf_not_present ";
    private const string WakeAll = "token ~0";

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
            .OrderBy(e => e.Ts).ThenBy(e => Rank(e.Ph)).ThenByDescending(e => e.Dur ?? 0)
            .Select(e => JsonSerializer.Serialize(e, s_line)))
        + "\n]}\n";

    /// <summary>Names first; a flow is tied to the slice that began last.</summary>
    private static int Rank(string phase) => phase switch
    {
        "M" => 0,
        "X" => 1,
        _ => 2,
    };

    private static IEnumerable<TraceEvent> Events(Story story, int pid) =>
        [.. Names(story.History, pid), .. Steps(story, pid), .. Spans(story, pid)];

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
        foreach (var lane in story.All.Where(b => b.By.Place != Place.Other).GroupBy(b => b.By.Lane))
        {
            Beat[] beats = [.. lane];
            Beat[] turns = [.. beats.Where((b, i) => i == 0 || b.By != beats[i - 1].By)];
            for (var i = 0; i < turns.Length; i++)
            {
                long from = turns[i].Step.Number;
                var to = i + 1 < turns.Length ? turns[i + 1].Step.Number : history.Steps.Count + 1;
                yield return new(Text(turns[i].By.Place), "X", pid, lane.Key + 1, from)
                {
                    Cat = "place",
                    Dur = to - from,
                };
            }
        }

        foreach (var step in history.Steps)
        {
            yield return new(step.Text, "X", pid, step.Lane + 1, step.Number)
            {
                Cat = "step",
                Dur = 1,
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

        TraceEvent Mark(string text, HistoryStep step) => new(text, "i", pid, step.Lane + 1, step.Number) { S = "p" };
    }

    /// <summary>From each not-present to its ready, and from each READY to its interrupt.</summary>
    private static IEnumerable<TraceEvent> Spans(Story story, int pid)
    {
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
                        step.Number)
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
                    && completed.Remove(token, out var ready))
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
                        yield return apf.Begin with { Ph = "e", Ts = step.Number + 1 };
                    }
                }
            }
        }

        foreach (var apf in open)
        {
            yield return apf.Begin with
            {
                Ph = "e",
                Ts = story.History.Steps.Count + 1,
                Args = new { end = "not ready when the history ends" },
            };
        }

        TraceEvent Flow(string phase, HistoryStep step, string id) =>
            new("READY to interrupt", phase, pid, step.Lane + 1, step.Number) { Cat = Apf, Id = id };
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
    private sealed record TraceEvent(string Name, string Ph, int Pid, int Tid, long Ts)
    {
        public string? Cat { get; init; }
        public long? Dur { get; init; }
        public string? Id { get; init; }
        public string? Bp { get; init; }
        public string? S { get; init; }
        public object? Args { get; init; }
    }
}
