using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UapiLab.Abstractions;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Workloads;

namespace UapiLab.Cli.Commands;

/// <summary><c>list</c>: what can be named.</summary>
internal sealed class ListCommand : ExampleCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, NewLine = "\n" };

    public ListCommand(Terminal terminal, EncodingRegistry registry)
        : base(
            "list",
            "Lists encodings, workloads and policies with their options.",
            "list",
            "list --json")
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        Add(json);
        SetAction(result =>
        {
            if (result.GetValue(json))
            {
                terminal.Out.Write(Json(registry).ToJsonString(s_indented) + "\n");
            }
            else
            {
                Print(terminal.Out, registry);
            }

            return ExitCode.Fine;
        });
    }

    private static void Print(TextWriter output, EncodingRegistry registry)
    {
        output.WriteLine("Encodings (id or id:option=value,option=value)");
        foreach (var family in registry.Families)
        {
            output.WriteLine($"  {family.Id,-16} {family.Summary}");
            foreach (var option in family.Options)
            {
                output.WriteLine($"    {option.Name}={string.Join('|', option.Values)} (default {option.Default})  {option.Doc}");
            }
        }

        output.WriteLine();
        output.WriteLine("Workloads (id or id:option=value,option=value)");
        foreach (var family in WorkloadCatalog.All)
        {
            output.WriteLine($"  {family.Id,-16} {family.Summary}");
        }

        output.WriteLine();
        output.WriteLine("Options of every workload; the defaults in brackets are those of the workloads above, in their order");
        output.WriteLine("where they differ");
        foreach (var option in WorkloadCatalog.All[0].Options)
        {
            var defaults = WorkloadCatalog.All.Select(f => f.Options.First(o => o.Name == option.Name).Default).ToArray();
            var shown = defaults.Distinct().Count() == 1 ? defaults[0] : string.Join(" | ", defaults);
            output.WriteLine($"    {option.Name,-18} {option.Doc} [{shown}]");
        }

        output.WriteLine();
        output.WriteLine("Options of a trace (--trace-options)");
        foreach (var option in TraceWorkloadOptions.Documented)
        {
            output.WriteLine($"    {option.Name,-18} {option.Doc} [{option.Default}]");
        }

        output.WriteLine();
        output.WriteLine($"Policies: {PolicyText.Form}");
        output.WriteLine($"  an encoding finds its best one among {string.Join(", ", ComparisonPlan.DefaultPolicies)}");
    }

    private static JsonObject Json(EncodingRegistry registry) => new()
    {
        ["schemaVersion"] = 1,
        ["encodings"] = Array(registry.Families, f => new JsonObject
        {
            ["id"] = f.Id,
            ["summary"] = f.Summary,
            ["options"] = Array(f.Options, o => new JsonObject
            {
                ["name"] = o.Name,
                ["values"] = Array(o.Values, v => JsonValue.Create(v)),
                ["default"] = o.Default,
                ["doc"] = o.Doc,
            }),
            ["neverPosted"] = Array(
                registry.EveryVariant(f).Select(e => e.Description).Where(d => d.Traits.HasFlag(EncodingTraits.NeverPosted)),
                d => JsonValue.Create(d.FullName)),
        }),
        ["workloads"] = Array(WorkloadCatalog.All, f => new JsonObject
        {
            ["id"] = f.Id,
            ["summary"] = f.Summary,
            ["options"] = OptionList(f.Options),
        }),
        ["traceOptions"] = OptionList(TraceWorkloadOptions.Documented),
        ["policies"] = Array(ComparisonPlan.DefaultPolicies, p => JsonValue.Create(p.ToString())),
    };

    private static JsonArray OptionList(IEnumerable<WorkloadOption> options) => Array(options, o => new JsonObject
    {
        ["name"] = o.Name,
        ["default"] = o.Default,
        ["doc"] = o.Doc,
    });

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode> make) => [.. items.Select(make)];
}
