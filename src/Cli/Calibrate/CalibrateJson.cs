using UapiLab.Harness.Foundation.Text;
using UapiLab.Live;

namespace UapiLab.Cli.Calibrate;

/// <summary>The same for programs; docs/schemas/calibrate.schema.json.</summary>
internal static class CalibrateJson
{
    public static string Write(CalibratedTable table) => JsonText.Write(new
    {
        SchemaVersion = 1,
        Host = new
        {
            table.Host.Cpu,
            Cpus = table.Host.Cpus.Allowed.Count,
            Cores = table.Host.Cpus.Cores.Count,
            table.Host.Kernel,
            table.Host.IsGuest,
            Settings = table.Host.Settings.Select(s => new { Name = s.Key, s.Value }),
        },
        table.Rounds,
        Measured = table.Measured.Count,
        Prices = table.Prices.Select(p => (Price: p, Entry: table.EntryOf(p))).Select(p => new
        {
            p.Entry.Name,
            p.Entry.Ns,
            Low = p.Entry.LowNs,
            High = p.Entry.HighNs,
            IsMeasured = p.Price.Measured is not null,
            p.Entry.Source,
            Probe = p.Price.By?.Name,
            Why = p.Price.Why.Length > 0 ? p.Price.Why : null,
        }),
        Counts = table.All.Counts.Select(c => new
        {
            Probe = c.By.Name,
            AsTheMethodSays = c.Why.Length == 0,
            Why = c.Why.Length > 0 ? c.Why : null,
        }),
    });
}
