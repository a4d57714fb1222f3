using System.Collections.Concurrent;
using System.Globalization;

namespace UapiLab.Plugins.C;

/// <summary>Source lines of addresses, from debug information.</summary>
internal static class AddressLine
{
    private static readonly ConcurrentDictionary<(string, ulong), string> s_known = [];

    /// <summary>"my-idea.c:31".</summary>
    /// <param name="library">File of a shared object.</param>
    /// <param name="offset">From its start.</param>
    public static string Of(string library, ulong offset) => s_known.GetOrAdd((library, offset), _ =>
    {
        // Of the instruction before, since it is where a call returns to.
        var address = "0x" + (offset - 1).ToString("x", CultureInfo.InvariantCulture);
        var line = CTool.TryRun("addr2line", ["-e", library, address])?.Out.Split('\n')[0].Split(" (")[0].Trim();
        return line is null || line.StartsWith('?') ? $"{Path.GetFileName(library)}+{address}" : Path.GetFileName(line);
    });
}
