using System.Runtime.InteropServices;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// Turns every memory access of one program into the accesses that can fault: the first touch and the first write of
/// each page.
/// </summary>
internal sealed class LackeyImporter
{
    private const int PageShift = 12;
    private readonly TraceOptions _options;
    private readonly Dictionary<ulong, PageState> _pages = [];
    private readonly List<TraceAccess> _kept = [];
    private ulong _lastPage = ulong.MaxValue;
    private bool _lastWritten;
    private long _fetches;
    private long _loads;
    private long _stores;
    private long _modifies;
    private long _straddling;
    private long _firstWrites;
    private long _instructionsAtKept;

    private LackeyImporter(TraceOptions options) => _options = options;

    public static AccessTrace Import(TraceLines lines, TraceOptions options)
    {
        var importer = new LackeyImporter(options);
        while (lines.MoveNext())
        {
            if (LackeyLine.TryParse(lines.Current, out LackeyLine access))
            {
                importer.Take(access);
            }
            else if (!IsNoise(lines.Current) && !lines.IsCutOff)
            {
                // Such recordings are large and often stopped early, in the middle of a line.
                throw lines.Expected(LackeyLine.Form + "; valgrind --log-file keeps the program's own output out");
            }
        }

        return importer.Result(lines.Name);
    }

    // Messages of the recorder itself, and the lines of --trace-superblocks.
    private static bool IsNoise(ReadOnlySpan<byte> line) => AsciiText.IsBlank(line) || line.StartsWith("=="u8)
        || line.StartsWith("--"u8) || line.StartsWith("**"u8) || line.StartsWith("SB "u8);

    private void Take(LackeyLine access)
    {
        switch (access.Kind)
        {
            case (byte)'I':
                _fetches++;
                break;
            case (byte)'L':
                _loads++;
                break;
            case (byte)'S':
                _stores++;
                break;
            default:
                _modifies++;
                break;
        }

        // An instruction's own fetch comes before its time is spent, its loads and stores come after.
        long instructions = access.Kind == (byte)'I' ? _fetches - 1 : _fetches;
        ulong first = access.Address >> PageShift;
        ulong last = (access.Address + (ulong)(access.Size - 1)) >> PageShift;
        Touch(first, access.Writes, instructions);
        if (last != first)
        {
            _straddling++;
            Touch(last, access.Writes, instructions);
        }
    }

    private void Touch(ulong page, bool writes, long instructions)
    {
        if (page == _lastPage && (_lastWritten || !writes))
        {
            return;
        }

        ref PageState state = ref CollectionsMarshal.GetValueRefOrAddDefault(_pages, page, out bool known);
        if (!known)
        {
            state.Gfn = _pages.Count - 1;
        }

        if (!known || (writes && !state.Written))
        {
            state.Written = writes;
            _firstWrites += writes ? 1 : 0;
            long think = checked((instructions - _instructionsAtKept) * _options.NsPerInstruction);
            _kept.Add(new TraceAccess(think, state.Gfn, writes ? TraceAccessFlags.Write : TraceAccessFlags.None, -1));
            _instructionsAtKept = instructions;
        }

        _lastPage = page;
        _lastWritten = state.Written;
    }

    private AccessTrace Result(string source)
    {
        long tail = checked((_fetches - _instructionsAtKept) * _options.NsPerInstruction);
        string[] notes =
        [
            GfnNumbering.Note + " A page is 4 KiB of the program's virtual addresses.",
            "Only the first touch and the first write of each page are kept: touching a mapped page again cannot "
                + "fault. The instructions between two kept accesses are the think time of the later one.",
            $"Think time is counted instructions at {_options.NsPerInstruction} ns each; time in system calls is not "
                + "in it.",
            "An access across a page border is two accesses; instruction fetches touch pages too.",
            "Accesses by the operating system on behalf of the program are not in such a trace.",
        ];
        var facts = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["accesses"] = _kept.Count,
            ["firstWrites"] = _firstWrites,
            ["instructions"] = _fetches,
            ["loads"] = _loads,
            ["modifies"] = _modifies,
            ["pagesTouched"] = _pages.Count,
            ["recordedAccesses"] = _fetches + _loads + _stores + _modifies,
            ["stores"] = _stores,
            ["straddling"] = _straddling,
        };
        var program = new VcpuTrace("program", [.. _kept], tail);
        return new AccessTrace(source, "lackey", [program], _pages.Count, notes, facts);
    }

    private struct PageState
    {
        public int Gfn;
        public bool Written;
    }
}
