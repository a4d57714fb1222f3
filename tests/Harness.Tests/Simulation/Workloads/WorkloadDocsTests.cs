using UapiLab.Tests;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

public sealed class WorkloadDocsTests
{
    private const string Document = "docs/workloads.md";
    private const int Width = 100;

    [Fact]
    public void Options_are_documented() =>
        GeneratedDoc.Check(Document, "options", Table(WorkloadCatalog.BuiltIn.All[0].Options, withDefault: false));

    [Fact]
    public void Trace_options_are_documented() =>
        GeneratedDoc.Check(Document, "trace", Table(TraceWorkloadOptions.Documented, withDefault: true));

    [Fact]
    public void Every_workload_is_documented_with_its_defaults()
    {
        foreach (var family in WorkloadCatalog.BuiltIn.All)
        {
            GeneratedDoc.Check(Document, family.Id,
                ["```text", .. Wrapped(family.Options.Select(o => $"{o.Name}={o.Default}")), "```"]);
        }
    }

    private static IEnumerable<string> Table(IReadOnlyList<WorkloadOption> options, bool withDefault)
    {
        yield return withDefault ? "| option | default | meaning |" : "| option | meaning |";
        yield return withDefault ? "| --- | --- | --- |" : "| --- | --- |";
        foreach (var option in options)
        {
            yield return withDefault ? $"| `{option.Name}` | `{option.Default}` | {option.Doc} |"
                : $"| `{option.Name}` | {option.Doc} |";
        }
    }

    private static IEnumerable<string> Wrapped(IEnumerable<string> words)
    {
        var line = "";
        foreach (var word in words)
        {
            if (line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        yield return line;
    }
}
