using System.Diagnostics;
using System.Globalization;

namespace UapiLab.Harness.Checking;

/// <summary>Where in an encoding's source the call came from that is in progress.</summary>
internal static class SourceLine
{
    /// <returns>"SingleBitVmmHalf.cs:31", or null without symbols.</returns>
    public static string? OfCaller()
    {
        var ours = typeof(SourceLine).Assembly;
        foreach (var frame in new StackTrace(1, fNeedFileInfo: true).GetFrames())
        {
            var assembly = frame.GetMethod()?.DeclaringType?.Assembly;
            if (assembly is null || assembly == ours || assembly == typeof(object).Assembly)
            {
                continue;
            }

            return frame.GetFileName() is { } file
                ? $"{Path.GetFileName(file)}:{frame.GetFileLineNumber().ToString(CultureInfo.InvariantCulture)}"
                : null;
        }

        return null;
    }
}
