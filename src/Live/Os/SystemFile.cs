namespace UapiLab.Live.Os;

/// <summary>What the kernel says of itself and of the machine, below /proc and /sys.</summary>
internal static class SystemFile
{
    /// <summary>The first line; null if there is no such file or it may not be read.</summary>
    public static string? Line(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault()?.Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The files of a folder, in order; none if it is not there.</summary>
    public static IReadOnlyList<string> Folder(string path) =>
        Directory.Exists(path) ? [.. Directory.GetFiles(path).Order(StringComparer.Ordinal)] : [];

    /// <summary>What follows a name and a colon in /proc/cpuinfo; null if it is not there.</summary>
    public static string? OfCpu(string name)
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo").Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
                .FirstOrDefault(parts => parts.Length == 2 && parts[0] == name)?[1];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
