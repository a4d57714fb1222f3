using UapiLab.Harness.Lab.Published;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Published;

/// <summary><c>compare --published</c>.</summary>
internal static class PublishedJob
{
    public static int Run(Terminal terminal, EncodingRegistry registry, ulong seed)
    {
        IReadOnlyList<PublishedResult> With(CostTable costs) =>
            PublishedComparison.Run(PublishedPlan.Rows(), PublishedPlan.Series(registry), costs, seed);
        PublishedText.Write(terminal.Out, With(PublishedPlan.Costs), With(CostTable.Default));
        return ExitCode.Fine;
    }
}
