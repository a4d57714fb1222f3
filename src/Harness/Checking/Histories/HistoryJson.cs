using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Json;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A history as JSON, to be read by <see cref="HistoryReader"/> and replayed. Layout:
/// docs/history-format.md.</summary>
public static class HistoryJson
{
    /// <summary>What the member <c>format</c> says.</summary>
    public const string Format = "uapilab-history";

    /// <summary>Grows when a member changes its meaning or goes away, not when one is added.</summary>
    public const int SchemaVersion = 1;

    /// <summary>First of the choices of a signal.</summary>
    internal const int SignalMark = -2;

    /// <summary>First of the choices of a commit; the second says which store.</summary>
    private const int CommitMark = -1;

    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(History history) => JsonText.Write(new
    {
        Format,
        SchemaVersion,
        history.Property,
        history.PropertyDoc,
        history.Outcome,
        history.Encoding,
        history.EncodingVersion,
        history.MachineVersion,
        instance = history.Instance.Select(p => new { name = p.Key, p.Value }),
        history.AtFirst,
        history.Lanes,
        steps = history.Steps.Select(s => new
        {
            s.Number,
            s.Scheduled.Actor,
            choices = Choices(s.Scheduled),
            s.Lane,
            s.Text,
            s.Source,
            s.Rule,
            s.Changes,
            s.Events,
        }),
        history.InevitableFrom,
        history.Waiting,
        history.BeyondArmV8,
    });

    /// <summary>The step that a file's numbers stand for.</summary>
    internal static ScheduledStep Scheduled(int actor, IReadOnlyList<int> choices) => choices switch
    {
        [CommitMark, var which] => new(StepKind.Commit, actor, [which]),
        [SignalMark, _] => new(StepKind.Signal, actor, []),
        _ => new(StepKind.Step, actor, [.. choices]),
    };

    private static IEnumerable<int> Choices(ScheduledStep step) => step.Kind switch
    {
        StepKind.Commit => [CommitMark, .. step.Choices],
        StepKind.Signal => [SignalMark, 0],
        _ => step.Choices,
    };
}

/// <summary>Reads what <see cref="HistoryJson"/> writes. Members it does not know are ignored.</summary>
public static class HistoryReader
{
    /// <summary>A history from the bytes of a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="utf8">Its content.</param>
    /// <exception cref="InputException">It is no JSON, no history, or one of another schema; the message names file,
    /// line and member, and what was expected there.</exception>
    public static History Read(string file, ReadOnlySpan<byte> utf8)
    {
        var root = JsonPlace.Parse(file, utf8, HistoryJson.Format, HistoryJson.SchemaVersion);
        var lanes = root["lanes"].List((lane, _) => lane.Text());
        var steps = root["steps"].List((step, i) => Step(step, i + 1, lanes.Count));
        return new History
        {
            Property = root["property"].Text(),
            PropertyDoc = root["propertyDoc"].Text(),
            Outcome = root["outcome"].Text(),
            Encoding = root["encoding"].Text(),
            EncodingVersion = root["encodingVersion"].Text(),
            MachineVersion = root["machineVersion"].Text(),
            Instance = root["instance"].List((p, _) => KeyValuePair.Create(p["name"].Text(), p["value"].Text())),
            AtFirst = root.TextOrNull("atFirst"),
            Lanes = lanes,
            Steps = steps,
            InevitableFrom = root["inevitableFrom"].Number(0, steps.Count, " (a step, or 0)"),
            Waiting = root["waiting"].List((w, _) =>
                new WaitingFor(Lane(w["lane"], lanes.Count), w["for"].Text(), w["wouldWake"].TextOrNull())),
            BeyondArmV8 = root["beyondArmV8"].TextOrNull(),
        };
    }

    private static HistoryStep Step(JsonPlace step, int number, int lanes) => new(
        step["number"].Number(number, number, " (steps are numbered from 1)"),
        HistoryJson.Scheduled(
            step["actor"].Number(0, int.MaxValue),
            step["choices"].List((choice, i) => choice.Number(i == 0 ? HistoryJson.SignalMark : 0, int.MaxValue))),
        Lane(step["lane"], lanes),
        step["text"].Text(),
        step["source"].TextOrNull(),
        step["rule"].TextOrNull(),
        step["changes"].List((c, _) => new FieldChange(c["field"].Text(), c["before"].Text(), c["after"].Text())),
        step["events"].List((e, _) => e.Text()));

    private static int Lane(JsonPlace lane, int lanes) => lanes == 0
        ? throw lane.Wrong("no lane, since 'lanes' is empty")
        : lane.Number(0, lanes - 1, Invariant($" (a position among the {lanes} lanes)"));
}
