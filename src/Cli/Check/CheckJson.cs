using System.Text.Json;
using UapiLab.Harness.Checking;

namespace UapiLab.Cli.Check;

/// <summary>Verdicts as JSON (docs/cli.md, "check --json").</summary>
internal static class CheckJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n" };

    public static void Write(TextWriter output, IEnumerable<(CheckOutcome Outcome, TimeSpan Elapsed)> outcomes, IEnumerable<(KnowledgeOutcome Outcome, TimeSpan Elapsed)> known)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_options))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteStartArray("checks");
            foreach (var (outcome, elapsed) in outcomes)
            {
                One(json, outcome, elapsed);
            }

            json.WriteEndArray();
            json.WriteStartArray("knowledge");
            foreach (var (outcome, elapsed) in known)
            {
                One(json, outcome, elapsed);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static void One(Utf8JsonWriter json, CheckOutcome outcome, TimeSpan elapsed)
    {
        var result = outcome.Result;
        json.WriteStartObject();
        json.WriteString("encoding", outcome.Encoding);
        json.WriteStartObject("instance");
        foreach (var (name, value) in outcome.Instance.Parameters)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteNumber("states", result.States);
        json.WriteNumber("transitions", result.Transitions);
        json.WriteNumber("depth", result.Depth);
        json.WriteBoolean("exhausted", result.IsExhausted);
        json.WriteString("bound", result.Bound);
        json.WriteNumber("bytesPerState", Math.Round(result.BytesPerState, 2));
        json.WriteNumber("collisionBound", result.CollisionBound);
        json.WriteStartObject("properties");
        foreach (var property in result.Properties.Where(p => p.Verdict != PropertyVerdict.DoesNotApply))
        {
            json.WriteString(property.Property.Name, property.Verdict switch
            {
                PropertyVerdict.Holds => "holds",
                PropertyVerdict.Broken => "broken",
                PropertyVerdict.Seen => "seen",
                PropertyVerdict.NeverSeen => "never seen",
                PropertyVerdict.NotAsked => "not asked",
                _ => "not decided",
            });
        }

        json.WriteEndObject();
        json.WriteStartObject("timing");
        json.WriteNumber("wallSeconds", Math.Round(elapsed.TotalSeconds, 3));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void One(Utf8JsonWriter json, KnowledgeOutcome outcome, TimeSpan elapsed)
    {
        json.WriteStartObject();
        json.WriteString("encoding", outcome.Encoding);
        json.WriteNumber("states", outcome.States);
        json.WriteStartObject("concerns");
        foreach (var finding in outcome.Findings)
        {
            json.WriteStartObject(finding.Id);
            json.WriteString("verdict", KnowledgeOutput.Words(finding.Verdict));
            json.WriteString("ifPredictionsComeTrue", KnowledgeOutput.Words(finding.Truthful));
            json.WriteNumber("views", finding.Views);
            json.WriteNumber("ambiguous", finding.Ambiguous);
            json.WriteNumber("needlessInEveryRun", finding.OnlyFirst);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("timing");
        json.WriteNumber("wallSeconds", Math.Round(elapsed.TotalSeconds, 3));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
