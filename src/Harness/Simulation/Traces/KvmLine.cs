namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// One event line of ftrace, trace-cmd report or perf script:
/// <c>COMM-PID [CPU] FLAGS SECONDS: EVENT: TEXT</c>, where all but the time and the event may be missing.
/// </summary>
internal readonly ref struct KvmLine
{
    public const string Form = "`COMM-PID [CPU] FLAGS SECONDS: EVENT: TEXT`";

    private KvmLine(ReadOnlySpan<byte> task, long cpu, long atNs, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        Comm = task;
        AtNs = atNs;
        Event = name;
        Text = text;
        Thread = ThreadOf(ref Comm, cpu);
    }

    /// <summary>Thread id; without one a negative number for the CPU, as a vCPU stays there for a while.</summary>
    public readonly long Thread;

    /// <summary>Name of the thread, may be empty.</summary>
    public readonly ReadOnlySpan<byte> Comm;

    /// <summary>Time in ns of the recorder's clock.</summary>
    public readonly long AtNs;

    /// <summary>Event name without its system.</summary>
    public readonly ReadOnlySpan<byte> Event;

    /// <summary>What follows the event name.</summary>
    public readonly ReadOnlySpan<byte> Text;

    public static bool TryParse(ReadOnlySpan<byte> line, out KvmLine parsed)
    {
        // A thread name may hold spaces, dashes and brackets, so the line is read around `[CPU]`, not from its start.
        for (int open = line.IndexOf((byte)'['); open >= 0; open = NextBracket(line, open))
        {
            ReadOnlySpan<byte> rest = line[(open + 1)..];
            int close = rest.IndexOf((byte)']');
            if (close is > 0 and < 6
                && AsciiText.TryDecimal(rest[..close], out long cpu)
                && TryTimeAndEvent(rest[(close + 1)..], line[..open], cpu, out parsed))
            {
                return true;
            }
        }

        return TryWithoutCpu(line, out parsed);
    }

    private static int NextBracket(ReadOnlySpan<byte> line, int after)
    {
        int next = line[(after + 1)..].IndexOf((byte)'[');
        return next < 0 ? -1 : after + 1 + next;
    }

    private static bool TryTimeAndEvent(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> task, long cpu, out KvmLine parsed)
    {
        rest = AsciiText.SkipSpaces(rest);
        ReadOnlySpan<byte> word = AsciiText.FirstWord(rest);
        if (!IsTime(word, out long atNs))
        {
            rest = AsciiText.SkipSpaces(rest[word.Length..]);
            bool isFlags = word.Length is >= 4 and <= 10;
            word = AsciiText.FirstWord(rest);
            if (!isFlags || !IsTime(word, out atNs))
            {
                parsed = default;
                return false;
            }
        }

        return TryEvent(rest[word.Length..], task, cpu, atNs, out parsed);
    }

    private static bool TryWithoutCpu(ReadOnlySpan<byte> line, out KvmLine parsed)
    {
        ReadOnlySpan<byte> rest = AsciiText.SkipSpaces(line);
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> word = AsciiText.FirstWord(rest);
            if (IsTime(word, out long atNs))
            {
                return TryEvent(rest[word.Length..], line[..(line.Length - rest.Length)], -1, atNs, out parsed);
            }

            rest = AsciiText.SkipSpaces(rest[word.Length..]);
        }

        parsed = default;
        return false;
    }

    private static bool IsTime(ReadOnlySpan<byte> word, out long atNs)
    {
        atNs = 0;
        return word is [.., (byte)':'] && AsciiText.TrySeconds(word[..^1], out atNs);
    }

    private static bool TryEvent(
        ReadOnlySpan<byte> rest, ReadOnlySpan<byte> task, long cpu, long atNs, out KvmLine parsed)
    {
        rest = AsciiText.SkipSpaces(rest);
        ReadOnlySpan<byte> name = AsciiText.FirstWord(rest);
        ReadOnlySpan<byte> text = AsciiText.SkipSpaces(rest[name.Length..]);
        name = name.TrimEnd((byte)':');
        name = name[(name.LastIndexOf((byte)':') + 1)..];
        bool isName = name.Length > 0 && (char.IsAsciiLetter((char)name[0]) || name[0] == (byte)'_');
        parsed = isName ? new KvmLine(task, cpu, atNs, name, text) : default;
        return isName;
    }

    // `comm-12`, `comm 12`, `comm 12/13` (process/thread) or `comm-12 (12)` (thread, then process).
    private static long ThreadOf(ref ReadOnlySpan<byte> task, long cpu)
    {
        task = task.Trim(" \t"u8);
        int process = task is [.., (byte)')'] ? task.LastIndexOf((byte)'(') : -1;
        if (process >= 0)
        {
            task = task[..process].TrimEnd(" \t"u8);
        }

        int digits = task.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9') + 1;
        if (AsciiText.TryDecimal(task[digits..], out long thread))
        {
            task = task[..Math.Max(0, digits - 1)].Trim(" \t"u8);
            return thread;
        }

        return cpu >= 0 ? -2 - cpu : -1;
    }
}
