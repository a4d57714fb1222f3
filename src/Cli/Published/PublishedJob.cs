using UapiLab.Harness.Lab.Published;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Published;

/// <summary><c>compare --published</c>.</summary>
internal static class PublishedJob
{
    public static int Run(Terminal terminal, EncodingRegistry registry, ulong seed, bool json)
    {
        IReadOnlyList<PublishedResult> With(CostTable costs) =>
            PublishedComparison.Run(PublishedPlan.Rows(), PublishedPlan.Series(registry), costs, seed);
        var (results, withDefaults) = (With(PublishedPlan.Costs), With(CostTable.Default));
        if (json)
        {
            terminal.Out.Write(PublishedJson.Write(results, withDefaults));
        }
        else
        {
            PublishedText.Write(terminal.Out, results, withDefaults);
        }

        return ExitCode.Fine;
    }
}
