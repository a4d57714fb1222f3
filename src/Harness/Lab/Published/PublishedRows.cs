using System.Globalization;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Lab.Published;

/// <summary>Published figures as lines of text: table, series, vCPUs, pages per second, and <c>fit</c> or
/// <c>predict</c>.</summary>
public static class PublishedRows
{
    private const string Header = "table,series,vcpus,pages per second,use";

    /// <summary>Reads them; lines that start with # are remarks.</summary>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="InputException">A line is not what it should be.</exception>
    public static IReadOnlyList<PublishedRow> Parse(string file, string text)
    {
        List<PublishedRow> rows = [];
        var lines = text.Split('\n');
        var header = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var place = Invariant($"{file}:{i + 1}");
            if (!header)
            {
                header = line == Header ? true : throw new InputException(place, $"expected the header '{Header}'");
                continue;
            }

            rows.Add(Row(place, line.Split(',')));
        }

        return header ? rows : throw new InputException(file, $"expected the header '{Header}'");
    }

    private static PublishedRow Row(string place, string[] cells) =>
        cells is [var table, var series, var vcpus, var pages, "fit" or "predict"]
        && int.TryParse(vcpus, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0
        && long.TryParse(pages, NumberStyles.None, CultureInfo.InvariantCulture, out var measured) && measured > 0
            ? new(table, series, n, measured, cells[4] == "fit")
            : throw new InputException(place,
                "expected table, series, vCPUs and pages per second as whole numbers above 0, and fit or predict");
}

/// <summary>One published figure.</summary>
/// <param name="Table">Which publication.</param>
/// <param name="Series">Which of its series.</param>
/// <param name="Vcpus">vCPUs of the VM.</param>
/// <param name="PagesPerSecond">As printed: of the VM or of each vCPU, as the table has it.</param>
/// <param name="IsFitted">Whether a cost is fitted to it.</param>
public sealed record PublishedRow(string Table, string Series, int Vcpus, long PagesPerSecond, bool IsFitted);
