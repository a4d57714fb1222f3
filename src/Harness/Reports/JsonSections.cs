using System.Text.Json;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Reports;

/// <summary>The parts of report.json behind the cells.</summary>
internal static class JsonSections
{
    public static void Write(Utf8JsonWriter json, ClaimResult result)
    {
        var claim = result.Claim;
        json.WriteStartObject();
        json.WriteString("proposal", result.Source);
        json.WriteString("id", claim.Id);
        json.WriteString("text", claim.Text);
        json.WriteString("verdict", Words.Of(result.Verdict));
        json.WriteString("metric", claim.Metric.Name);
        json.WriteString("per", claim.Per?.Name);
        json.WriteString("encoding", claim.Encoding.Name);
        json.WriteString("versus", claim.Versus?.Name);
        json.WriteString("by", claim.Versus is null ? null : Words.Of(claim.By));
        json.WriteString("workload", claim.Workload.Name);
        json.WriteString("policy", (claim.Policy ?? claim.Workload.CommonPolicy).ToString());
        json.WriteValue("predict", claim.Workload.Predict);
        json.WriteString("relation", Words.Of(claim.Relation));
        json.WriteValue("value", claim.Value);
        json.WriteValue("tolerance", claim.Tolerance);
        json.WriteSummary("measured", result.Measured);
        json.WriteString("reason", result.Reason);
        json.WriteString("otherwise", claim.Otherwise);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SweepResult? sweep)
    {
        if (sweep is null)
        {
            json.WriteNull("sweep");
            return;
        }

        json.WriteStartObject("sweep");
        json.WriteString("workload", sweep.Workload);
        json.WriteString("parameter", sweep.Parameter);
        json.WriteString("doc", sweep.Doc);
        json.WriteArray("values", sweep.Values, (j, value) => j.WriteValue(value));
        json.WriteArray("rows", sweep.Rows, (j, row) =>
        {
            j.WriteStartObject();
            j.WriteString("encoding", row.Encoding);
            j.WriteArray(Metric.Speedup.Name, row.Speedups, (k, speedup) => k.WriteSummary(speedup));
            j.WriteEndObject();
        });
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, BreakEvenResult? result)
    {
        if (result is null)
        {
            json.WriteNull("breakEven");
            return;
        }

        json.WriteStartObject("breakEven");
        json.WriteString("workload", result.Workload);
        json.WriteString("policy", result.Policy);
        json.WriteNumber("lowNs", result.LowNs);
        json.WriteNumber("highNs", result.HighNs);
        json.WriteArray("rows", result.Rows, (j, row) =>
        {
            j.WriteStartObject();
            j.WriteString("encoding", row.Encoding);
            j.WriteString("costs", row.Costs);
            j.WriteValue("fetchNs", row.FetchNs);
            j.WriteValue("lowestSpeedup", row.LowestSpeedup);
            j.WriteNumber("lowestAtNs", row.LowestAtNs);
            j.WriteValue("highestSpeedup", row.HighestSpeedup);
            j.WriteNumber("highestAtNs", row.HighestAtNs);
            j.WriteString("remark", row.Remark);
            j.WriteEndObject();
        });
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RankingStability? stability)
    {
        if (stability is null)
        {
            json.WriteNull("stability");
            return;
        }

        json.WriteStartObject("stability");
        json.WriteNumber("tables", stability.Tables);
        json.WriteNumber("seeds", stability.Seeds);
        json.WriteArray("rows", stability.Rows, (j, row) =>
        {
            j.WriteStartObject();
            j.WriteString("workload", row.Workload);
            j.WriteNumber("orderedPairs", row.OrderedPairs);
            j.WriteArray("flips", row.Flips, Write);
            j.WriteArray("ties", row.Ties, Write);
            j.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RankingFlip flip)
    {
        json.WriteStartObject();
        json.WriteString("faster", flip.Faster);
        json.WriteString("slower", flip.Slower);
        json.WriteStrings("by", flip.By);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CostTable costs) => json.WriteArray("costs", costs.Entries, (j, entry) =>
    {
        j.WriteStartObject();
        j.WriteString("name", CostTableReader.NameOf(entry.Kind));
        j.WriteNumber("ns", entry.Ns);
        j.WriteNumber("lowNs", entry.LowNs);
        j.WriteNumber("highNs", entry.HighNs);
        j.WriteString("origin", Words.Of(entry.Origin));
        j.WriteString("source", entry.Source);
        j.WriteEndObject();
    });
}
