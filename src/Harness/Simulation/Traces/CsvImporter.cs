namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Reads accesses that somebody has written down, a line each (docs/model-my-guest.md).</summary>
internal sealed class CsvImporter
{
    private readonly TraceLines _lines;
    private readonly SortedDictionary<long, List<CsvLine>> _vcpus = [];
    private readonly GfnNumbering _gfns = new();
    private int _columns;

    private CsvImporter(TraceLines lines) => _lines = lines;

    public static AccessTrace Import(TraceLines lines)
    {
        var importer = new CsvImporter(lines);
        while (lines.MoveNext())
        {
            ReadOnlySpan<byte> line = lines.Current;
            if (AsciiText.IsBlank(line) || line[0] == '#')
            {
                continue;
            }

            if (importer._columns > 0)
            {
                importer.Take(CsvLine.Parse(lines, importer._columns));
            }
            else if (!CsvLine.IsHeader(line, out importer._columns))
            {
                throw lines.Expected(CsvLine.Header);
            }
        }

        return importer.Result();
    }

    private void Take(CsvLine access)
    {
        if (!_vcpus.TryGetValue(access.Vcpu, out List<CsvLine>? taken))
        {
            _vcpus.Add(access.Vcpu, taken = []);
        }

        if (taken.Count > 0 && taken[^1].AtNs > access.AtNs)
        {
            decimal before = taken[^1].AtNs / 1_000_000_000m;
            throw _lines.Expected(Invariant($"a time of vCPU {access.Vcpu} that is at least the one before, {before}"));
        }

        taken.Add(access with { Page = (ulong)_gfns.Of(access.Page) });
    }

    private AccessTrace Result()
    {
        CsvLine[] all = [.. _vcpus.Values.SelectMany(lines => lines)];
        if (all.Length == 0)
        {
            throw _lines.Expected("a line behind the header: " + CsvLine.Form(_columns));
        }

        long startNs = all.Min(access => access.AtNs);
        var facts = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["accesses"] = all.Length,
            ["alreadyThere"] = all.LongCount(access => access.FetchNs == 0),
            ["fetchTimes"] = all.LongCount(access => access.FetchNs > 0),
            ["pagesTouched"] = _gfns.Count,
            ["writes"] = all.LongCount(access => access.Writes),
        };
        string[] notes =
        [
            GfnNumbering.Note + " The vCPUs share the pages.",
            "Think time is the difference of two times of a vCPU, the first one's from the smallest time of the file: "
                + "waits that are in the times count as computing.",
            "Whether the guest ran its kernel is not in such a file: every access counts as user mode.",
        ];
        return new AccessTrace(_lines.Name, "csv", [.. _vcpus.Select(vcpu => Sequence(vcpu.Key, vcpu.Value, startNs))],
            _gfns.Count, notes, facts);
    }

    private static VcpuTrace Sequence(long vcpu, List<CsvLine> lines, long startNs)
    {
        var accesses = new TraceAccess[lines.Count];
        for (int i = 0; i < accesses.Length; i++)
        {
            CsvLine line = lines[i];
            accesses[i] = new TraceAccess(
                line.AtNs - (i == 0 ? startNs : lines[i - 1].AtNs),
                (long)line.Page,
                line.Writes ? TraceAccessFlags.Write : TraceAccessFlags.None,
                line.FetchNs);
        }

        return new VcpuTrace(Invariant($"vcpu {vcpu}"), accesses, 0);
    }
}
