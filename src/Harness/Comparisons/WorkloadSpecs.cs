using System.Globalization;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Comparisons;

/// <summary>Plans made from the names of workloads.</summary>
public static class WorkloadSpecs
{
    private const string PredictOption = "predict";

    /// <summary>A workload of the catalogue. Its accuracy of prediction is varied unless the specification fixes
    /// it.</summary>
    /// <param name="catalog">Where names are looked up.</param>
    /// <param name="spec">As typed: <c>id</c> or <c>id:option=value,…</c>.</param>
    /// <param name="policy">Replaces the common policy of the workload.</param>
    /// <exception cref="InputException">The specification is wrong.</exception>
    public static PlannedWorkload Plan(this WorkloadCatalog catalog, string spec, VmmPolicy? policy = null)
    {
        var workload = Resolve(catalog, spec, policy);
        var parsed = SpecText.Parse(spec);
        var family = catalog.All.FirstOrDefault(f => f.Id == parsed.Id);
        var option = family?.Options.FirstOrDefault(o => o.Name == PredictOption);
        if (option is null)
        {
            return new(workload.Name, workload, null, 1, []);
        }

        var pinned = parsed.Options.Any(o => o.Key == PredictOption);
        var value = pinned ? parsed.Options.First(o => o.Key == PredictOption).Value : option.Default;
        var predict = decimal.Parse(value, NumberStyles.Number, CultureInfo.InvariantCulture);
        return new(workload.Name, workload, pinned ? null
            : p => Resolve(catalog, With(spec, PredictOption, p.Text()), policy), predict, []);
    }

    /// <summary>A specification with one option set or replaced.</summary>
    public static string With(string spec, string option, string value)
    {
        var parsed = SpecText.Parse(spec);
        KeyValuePair<string, string> set = new(option, value);
        var at = parsed.Options.ToList().FindIndex(o => o.Key == option);
        IReadOnlyList<KeyValuePair<string, string>> options = at < 0
            ? [.. parsed.Options, set]
            : [.. parsed.Options.Select((o, i) => i == at ? set : o)];
        return (parsed with { Options = options }).ToString();
    }

    private static Workload Resolve(WorkloadCatalog catalog, string spec, VmmPolicy? policy)
    {
        var workload = catalog.Resolve(spec);
        return policy is { } other ? workload.WithPolicy(other) : workload;
    }
}
