using UapiLab.Harness.Published;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Published;

/// <summary><c>compare --published</c>.</summary>
internal static class PublishedJob
{
    public static int Run(Terminal terminal, EncodingRegistry registry, ulong seed)
    {
        var results = PublishedComparison.Run(PublishedPlan.Rows(), PublishedPlan.Series(registry), PublishedPlan.Costs, seed);
        PublishedText.Write(terminal.Out, results);
        return ExitCode.Fine;
    }
}
