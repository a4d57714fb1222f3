using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Plugins.C;

/// <summary>What the compiler made of a plugin's file, before anything is added to it: a symbol that is state outside
/// of a region, or a function that answers differently each time.</summary>
internal static class ObjectInspector
{
    private static readonly string[] s_unrepeatable =
    [
        "time", "gettimeofday", "clock", "clock_gettime", "times", "rand", "rand_r", "random", "drand48", "lrand48",
        "getrandom", "getentropy", "arc4random", "pthread_create", "thrd_create", "getpid", "gettid", "getenv",
    ];

    private static readonly string[] s_beforeMain =
        [".init_array", ".preinit_array", ".fini_array", ".ctors", ".dtors"];

    private static readonly string[] s_ending =
        ["_exit", "_Exit", "quick_exit", "execl", "execv", "execve", "execvp", "vfork", "syscall"];

    /// <exception cref="PluginSourceException">There is one; each is told with its line.</exception>
    public static void Check(string path, string file)
    {
        var (exit, output, error) = CTool.Run(path, "nm", "-l", "-f", "sysv", file);
        if (exit != 0)
        {
            throw new PluginSourceException($"{path}: nm: {error}");
        }

        var faults = output.Split('\n').Select(line => Fault(path, line)).OfType<string>()
            .Order(StringComparer.Ordinal).ToArray();
        if (!output.Split('\n').Select(line => line.Split('|')).Any(cells => cells[0].Trim() == "uapi_encoding"
            && cells.Length > 6 && cells[6].Split('\t')[0].Trim() != "*UND*"))
        {
            throw new PluginSourceException($"{path}: error: there is no uapi_encoding, expected a table: const struct "
                + "uapi_encoding uapi_encoding = { … }");
        }

        if (faults.Length > 0)
        {
            throw new PluginSourceException(string.Join('\n', faults));
        }

        if (CTool.Run(path, "readelf", "-SW", file).Out.Split(' ').Any(word => s_beforeMain.Contains(word)))
        {
            throw new PluginSourceException($"{InSource(path, "constructor")}: error: a constructor or destructor runs "
                + "outside of both halves, expected none");
        }
    }

    /// <summary>A line is "name | value | class | type | size | | section, tab, place".</summary>
    private static string? Fault(string path, string line)
    {
        var cells = line.Split('|');
        if (cells.Length < 7)
        {
            return null;
        }

        var last = cells[6].Split('\t', 2);
        var (name, type, section) = (cells[0].Trim(), cells[3].Trim(), last[0].Trim());
        var place = last.Length > 1 && last[1].LastIndexOf('/') is var slash
            ? $"{Path.Combine(Path.GetDirectoryName(path) ?? "", last[1][(slash + 1)..])}"
            : InSource(path, cells[0].Trim().Split('.')[0]);
        var plain = name.Split('.')[0];
        if (type is "OBJECT" or "TLS" && IsWritable(section))
        {
            return $"{place}: error: {plain} is a variable that can change, expected none; state of an encoding is in "
                + "declared regions (docs/contract.md)";
        }

        if (section == "*UND*" && s_ending.Contains(plain))
        {
            return $"{place}: error: {plain}() ends or replaces the process, which no half may do";
        }

        return section == "*UND*" && s_unrepeatable.Contains(plain)
            ? $"{place}: error: {plain}() may give another answer in the next run; a half may depend on its arguments "
                + "and on what its calls return"
            : null;
    }

    /// <summary>The first line with a word, where the tools know none, as of thread-local variables.</summary>
    private static string InSource(string path, string word)
    {
        var lines = System.Text.Encoding.UTF8.GetString(
            InputFile.Read(path, "a plugin in C", CancellationToken.None)).Split('\n');
        var line = Array.FindIndex(lines, l => Regex.IsMatch(l, $@"\b{Regex.Escape(word)}\b"));
        return line < 0 ? path : Invariant($"{path}:{line + 1}");
    }

    /// <summary>Constants with addresses in them are written by the loader alone.</summary>
    private static bool IsWritable(string section) =>
        section is "*COM*" || ((section.StartsWith(".data", StringComparison.Ordinal)
            || section.StartsWith(".bss", StringComparison.Ordinal)
            || section.StartsWith(".tdata", StringComparison.Ordinal)
            || section.StartsWith(".tbss", StringComparison.Ordinal)
            || section.StartsWith(".sdata", StringComparison.Ordinal)
            || section.StartsWith(".lbss", StringComparison.Ordinal)
            || section.StartsWith(".ldata", StringComparison.Ordinal))
            && !section.StartsWith(".data.rel.ro", StringComparison.Ordinal));
}
