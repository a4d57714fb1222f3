using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Json;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Simulation;

/// <summary>Cost tables as JSON files (docs/costs.md): an object from kind, such as <c>vmExit</c>, to a number of ns or
/// to an object of <c>ns</c>, <c>low</c>, <c>high</c>, <c>origin</c> and <c>source</c>.</summary>
public static class CostTableFile
{
    /// <summary>Reads a table; kinds that the file leaves out keep their values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="host">What has those values.</param>
    /// <param name="cancellation">Ends the wait for a stream.</param>
    /// <exception cref="InputException">The file cannot be read, or holds something unexpected; the place is
    /// <c>file:line</c>.</exception>
    public static CostTable Read(string path, HostProfile host, CancellationToken cancellation = default) =>
        Parse(path, InputFile.Read(path, "a cost table as a JSON file", cancellation), host);

    /// <summary>The text of a file with some of the kinds.</summary>
    public static string Write(IEnumerable<CostEntry> entries) =>
        JsonText.Write(JsonText.Object(entries.Select(e => KeyValuePair.Create(e.Name, new
        {
            e.Ns,
            Low = e.LowNs,
            High = e.HighNs,
            Origin = CostTableReader.NameOf(e.Origin),
            e.Source,
        }))));

    /// <summary>Reads a table from bytes.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="json">UTF-8, with or without a byte order mark.</param>
    /// <param name="host">Where kinds that are left out come from.</param>
    internal static CostTable Parse(string file, ReadOnlySpan<byte> json, HostProfile host) =>
        new CostTableReader(file).Read(JsonPlace.Parse(file, json), host.Costs);
}
