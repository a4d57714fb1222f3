using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace UapiLab.Harness.Checking;

/// <summary>Where in an encoding's source the call came from that is in progress.</summary>
internal static class SourceLine
{
    /// <param name="encoding">The encoding's assembly, compiled without optimisation (<see cref="UnoptimisedCopy"/>).</param>
    /// <returns>"SingleBitVmmHalf.cs:31", or null without symbols.</returns>
    public static string? OfCaller(Assembly encoding) => Of(encoding, new StackTrace(1, fNeedFileInfo: true));

    /// <summary>The same of the place where an exception left the encoding.</summary>
    public static string? OfThrower(Assembly encoding, Exception thrown) => Of(encoding, new StackTrace(thrown, fNeedFileInfo: true));

    private static string? Of(Assembly encoding, StackTrace trace)
    {
        var frame = Array.Find(trace.GetFrames(), f => f.GetMethod()?.DeclaringType?.Assembly == encoding);
        return frame?.GetFileName() is { } file
            ? $"{Path.GetFileName(file)}:{frame.GetFileLineNumber().ToString(CultureInfo.InvariantCulture)}"
            : null;
    }

    /// <summary>Lines of one step: the same once, those of a file together.</summary>
    public static string? Joined(IEnumerable<string> lines)
    {
        var files = lines.Select(l => l.Split(':')).GroupBy(l => l[0], l => l[1]);
        var text = string.Join(", ", files.Select(f => $"{f.Key}:{string.Join(',', f.Distinct())}"));
        return text.Length == 0 ? null : text;
    }
}
