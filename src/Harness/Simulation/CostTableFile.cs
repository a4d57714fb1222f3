using System.Text.Json;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Simulation;

/// <summary>Cost tables as JSON files (docs/costs.md): an object from kind, such as <c>vmExit</c>, to a number of ns or
/// to an object of <c>ns</c>, <c>low</c>, <c>high</c>, <c>origin</c> and <c>source</c>.</summary>
public static class CostTableFile
{
    /// <summary>Reads a table; kinds that the file leaves out keep their values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="host">What has those values.</param>
    /// <exception cref="InputException">The file cannot be read, or holds something unexpected; the place is
    /// <c>file:line</c>.</exception>
    public static CostTable Read(string path, HostProfile host)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path), host);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "cannot be read, expected a cost table as a JSON file");
        }
    }

    /// <summary>Reads a table from bytes.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="json">UTF-8, with or without a byte order mark.</param>
    /// <param name="host">Where kinds that are left out come from.</param>
    internal static CostTable Parse(string file, ReadOnlySpan<byte> json, HostProfile host)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        json = json.StartsWith(mark) ? json[mark.Length..] : json;
        try
        {
            return new CostTableReader(file, json).Read(host.Costs);
        }
        catch (JsonException e)
        {
            // The parser appends where it was, in its own words and counted from 0.
            var reason = e.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
            throw new InputException($"{file}:{(e.LineNumber ?? 0) + 1}", $"expected JSON, found {reason}");
        }
    }
}
