using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Whether a plan makes sense.</summary>
internal static class PlanCheck
{
    public static void Check(ComparisonPlan plan)
    {
        Require(plan.Seeds.Count > 0, "seeds", "expected at least one");
        Require(plan.Encodings.Count > 0, "encodings", "expected at least one");
        Require(plan.Workloads.Count > 0, "workloads", "expected at least one");
        Require(plan.PredictLevels.Count > 0, "accuracies of prediction", "expected at least one");
        Once("encoding", plan.Encodings.Select(e => e.Name));
        Once("workload", plan.Workloads.Select(w => w.Name));
        Require(plan.Baseline is null || plan.Encodings.Any(e => e.Name == plan.Baseline),
            $"baseline '{plan.Baseline}'", "expected one of the encodings");
        Require(plan.Oracle is null || plan.Encodings.Any(e => e.Name == plan.Oracle), $"oracle '{plan.Oracle}'",
            "expected one of the encodings");
    }

    private static void Once(string kind, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            Require(seen.Add(name), $"{kind} '{name}'", "given twice, expected once");
        }
    }

    private static void Require(bool condition, string place, string expected)
    {
        if (!condition)
        {
            throw new InputException(place, expected);
        }
    }
}
