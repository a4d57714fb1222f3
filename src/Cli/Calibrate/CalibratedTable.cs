using UapiLab.Harness.Simulation;
using UapiLab.Live;

namespace UapiLab.Cli.Calibrate;

/// <summary>What was measured, beside what is assumed.</summary>
internal sealed record CalibratedTable(Host Host, Measurements All)
{
    public IReadOnlyList<Price> Prices => All.Prices;

    public int Rounds => All.Rounds;

    /// <summary>Entries of a cost table, one for each price that was measured.</summary>
    public IReadOnlyList<CostEntry> Measured =>
        [.. Prices.Where(p => p.Measured is not null).Select(EntryOf)];

    public static CostEntry AssumedFor(Price price) => HostProfile.Default.Costs[price.Kind];

    public static string NameOf(Price price) => AssumedFor(price).Name;

    /// <summary>The entry of a price, which is the assumed one if it was not measured.</summary>
    public CostEntry EntryOf(Price price)
    {
        var assumed = AssumedFor(price);
        return price.Measured is not { } spread ? assumed : new(price.Kind, spread.Ns, spread.LowNs,
            spread.HighNs ?? Math.Max(spread.Ns, assumed.HighNs), CostOrigin.Measured,
            $"uapilab calibrate: {price.By!.Name}; {Host.Text}");
    }
}
