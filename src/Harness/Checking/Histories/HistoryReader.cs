using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Checking;

/// <summary>Reads what <see cref="HistoryJson"/> writes. Members it does not know are ignored.</summary>
public static class HistoryReader
{
    /// <summary>A history from the bytes of a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="utf8">Its content.</param>
    /// <exception cref="InputException">It is no JSON, no history, or one of another schema; the message names file, line and
    /// member, and what was expected there.</exception>
    public static History Read(string file, ReadOnlySpan<byte> utf8)
    {
        var root = new JsonPlace(LocatedJson.Parse(file, utf8), "");
        if (root["format"] is var format && format.Text() != HistoryJson.Format)
        {
            throw format.Wrong($"'{HistoryJson.Format}'");
        }

        root["schemaVersion"].Number(HistoryJson.SchemaVersion, HistoryJson.SchemaVersion, ", the only schema this version reads");
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
            Lanes = lanes,
            Steps = steps,
            InevitableFrom = root["inevitableFrom"].Number(0, steps.Count, " (a step, or 0)"),
            Waiting = root["waiting"].List((w, _) => new WaitingFor(Lane(w["lane"], lanes.Count), w["for"].Text(), w["wouldWake"].TextOrNull())),
            BeyondArmV8 = root["beyondArmV8"].TextOrNull(),
        };
    }

    private static HistoryStep Step(JsonPlace step, int number, int lanes) => new(
        step["number"].Number(number, number, " (steps are numbered from 1)"),
        step["actor"].Number(0, int.MaxValue),
        step["choices"].List((choice, i) => choice.Number(i == 0 ? Replay.SignalMark : 0, int.MaxValue)),
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
