using System.Text;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Cli.Uapi;

/// <summary>Sizes as a table: encodings down, numbered columns across, with a legend.</summary>
internal static class SizeText
{
    public static string Write(IReadOnlyList<Abstractions.Encoding> encodings)
    {
        var rows = encodings.Select(e => (e.Description.FullName, Counts: UapiSize.Of(UapiModel.Of(e)))).ToArray();
        var to = new StringBuilder();
        if (rows.Length == 1)
        {
            var width = rows[0].Counts.Max(c => c.Name.Length);
            foreach (var (name, value) in rows[0].Counts)
            {
                to.Append(name.PadRight(width)).Append(value.PadLeft(6)).Append('\n');
            }

            return to.ToString();
        }

        var names = rows.Max(r => r.FullName.Length);
        to.Append(' ', names);
        for (var i = 0; i < rows[0].Counts.Count; i++)
        {
            to.Append(Column(i).PadLeft(5));
        }

        to.Append('\n');
        foreach (var (name, counts) in rows)
        {
            to.Append(name.PadRight(names));
            foreach (var (_, value) in counts)
            {
                to.Append(value.PadLeft(5));
            }

            to.Append('\n');
        }

        to.Append('\n');
        for (var i = 0; i < rows[0].Counts.Count; i++)
        {
            to.Append("  ").Append(Column(i)).Append("  ").Append(rows[0].Counts[i].Name).Append('\n');
        }

        return to.ToString();
    }

    private static string Column(int index) => ((char)('a' + index)).ToString();
}
