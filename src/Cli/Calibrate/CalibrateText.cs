using System.Text;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Calibrate;

/// <summary>What <c>calibrate</c> prints: the answer, what was measured beside what is assumed, and the rest.</summary>
internal static class CalibrateText
{
    public static string Write(CalibratedTable table, int width)
    {
        var text = new StringBuilder();
        void Add(string line) => text.Append(line).Append('\n');
        var (all, measured) = (table.Prices.Count, table.Measured.Count);
        foreach (var line in WordWrap.Fill(Invariant($"{measured} of {all} prices measured on {table.Host.Text}; ")
            + Invariant($"{all - measured} keep their assumed range. {table.Rounds} rounds."), width))
        {
            Add(line);
        }

        Add("");
        Add($"{"price",-18} {"measured",9} {"range",19} {"assumed",9} {"ratio",6}  probe");
        foreach (var price in table.Prices.Where(p => p.Measured is not null))
        {
            var (entry, assumed) = (table.EntryOf(price), CalibratedTable.AssumedFor(price));
            var ratio = assumed.Ns == 0 ? "-" : Invariant($"{(double)entry.Ns / assumed.Ns:0.00}");
            Add($"{entry.Name,-18} {Durations.Format(entry.Ns),9} {Range(entry),19} "
                + $"{Durations.Format(assumed.Ns),9} {ratio,6}  {price.By!.Name}");
        }

        Add("");
        foreach (var group in table.Prices.Where(p => p.Measured is null).GroupBy(p => p.Why))
        {
            foreach (var line in WordWrap.Fill(
                $"{string.Join(", ", group.Select(CalibratedTable.NameOf))}: {group.Key}.", width))
            {
                Add(line);
            }
        }

        foreach (var group in table.All.Counts.GroupBy(c => c.Why).OrderBy(g => g.Key.Length > 0))
        {
            var why = group.Key.Length == 0 ? "counted as the method says" : group.Key;
            foreach (var line in WordWrap.Fill($"{string.Join(", ", group.Select(c => c.By.Name))}: {why}.", width))
            {
                Add(line);
            }
        }

        return text.ToString();
    }

    private static string Range(CostEntry entry) =>
        $"{Durations.Format(entry.LowNs)} to {Durations.Format(entry.HighNs)}";
}
