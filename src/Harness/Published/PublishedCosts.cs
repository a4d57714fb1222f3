using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Published;

/// <summary>A cost table for one host: every cost times a factor, but for those that were fitted.</summary>
/// <param name="Base">Costs of a host with the factor 1.</param>
/// <param name="FactorPermille">The factor, in thousandths.</param>
/// <param name="Fitted">Fitted values, ns.</param>
internal sealed record PublishedCosts(CostTable Base, long FactorPermille, IReadOnlyDictionary<Cost, long> Fitted)
{
    public PublishedCosts With(Cost? cost, long value) => cost is { } kind
        ? this with { Fitted = Fitted.Where(f => f.Key != kind).Append(new(kind, value)).ToDictionary() }
        : this with { FactorPermille = value };

    public CostTable Table() => Base.Entries.Aggregate(Base, (table, entry) =>
        table.With(entry.Kind, Fitted.TryGetValue(entry.Kind, out var ns) ? ns : ((entry.Ns * FactorPermille) + 500) / 1_000));
}
