using UapiLab.Abstractions;
using UapiLab.Testing;

namespace UapiLab.Cli.Check;

/// <summary>The quick properties of the conformance kit, before a search: most of what is wrong with a new encoding
/// shows in them, and a search would say it later and less plainly.</summary>
internal static class KitJob
{
    /// <summary>Generated cases: enough for what is plainly wrong.</summary>
    private const int Cases = 100;

    /// <returns>The first that does not hold, or null.</returns>
    public static string? FirstBroken(Terminal terminal, Encoding encoding, CheckRequest request)
    {
        var name = encoding.Description.FullName;
        foreach (var property in ConformanceKit.Quick)
        {
            var settings = ConformanceSettings.Default with
            {
                Cases = Cases,
                Progress = () => request.Heartbeat($"trying {property} of {name}"),
            };
            if (ConformanceKit.Check(encoding, property, settings) is { } failure)
            {
                // Verdicts as JSON have no place for it, and who asked for silence asked for less to read.
                var output = request.Json || request.Quiet ? terminal.Error : terminal.Out;
                output.WriteLine($"kit: {name}: {failure}");
                output.WriteLine();
                return property;
            }
        }

        if (!request.Json && !request.Quiet)
        {
            terminal.Out.WriteLine(
                Invariant($"kit: {ConformanceKit.Quick.Count} quick properties of {name} hold; all of them: ")
                + $"uapilab test {name}");
            terminal.Out.WriteLine();
        }

        return null;
    }
}
