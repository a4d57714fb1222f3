using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Workloads;

namespace UapiLab.Cli.Commands;

/// <summary><c>list</c>: what can be named.</summary>
internal sealed class ListCommand : ExampleCommand
{
    private const int Width = 100;
    private const int NameWidth = 17;
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, NewLine = "\n" };

    public ListCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base(
            "list",
            "Lists encodings, workloads and policies with their options.",
            "list",
            "list --json",
            "list --plugin my-idea/MyIdea.cs")
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        Add(json);
        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(result, lab =>
        {
            if (result.GetValue(json))
            {
                terminal.Out.Write(Json(lab).ToJsonString(s_indented) + "\n");
            }
            else
            {
                Print(terminal.Out, lab);
            }

            return ExitCode.Fine;
        }, cancellation)));
    }

    private static void Print(TextWriter output, Lab lab)
    {
        var registry = lab.Encodings;
        output.WriteLine("Encodings (id or id:option=value,option=value)");
        foreach (var family in registry.Families)
        {
            output.WriteLine($"  {family.Id,-16} {family.Summary}");
            foreach (var option in family.Options)
            {
                Describe(output, option.Name, $"{string.Join('|', option.Values)}: {option.Doc} [{option.Default}]");
            }

            if (VersionsOf(registry, family) is > 1 and var versions)
            {
                var values = string.Join('|', Enumerable.Range(1, versions).Select(v => $"v{v}"));
                Describe(output, "version", $"{values}: of the uAPI; kvm= and vmm= say it for one half alone (docs/version-skew.md). [v1]");
            }
        }

        output.WriteLine();
        output.WriteLine("Workloads (id or id:option=value,option=value), with the defaults in which they differ");
        var varying = lab.Workloads.All[0].Options
            .Where(o => lab.Workloads.All.Select(f => Default(f, o)).Distinct().Count() > 1)
            .ToArray();
        foreach (var family in lab.Workloads.All)
        {
            output.WriteLine($"  {family.Id,-16} {family.Summary}");
            Wrap(output, varying.Select(o => $"{o.Name}={Default(family, o)}"), indent: 4);
        }

        output.WriteLine();
        output.WriteLine("Options of every workload, with the default where it is the same for all");
        foreach (var option in lab.Workloads.All[0].Options)
        {
            Describe(output, option.Name, varying.Contains(option) ? option.Doc : $"{option.Doc} [{option.Default}]");
        }

        output.WriteLine();
        output.WriteLine("Options of a trace (--trace-options)");
        foreach (var option in TraceWorkloadOptions.Documented)
        {
            Describe(output, option.Name, $"{option.Doc} [{option.Default}]");
        }

        Brought(output, "Properties that were brought (check; its own: check --help)", lab.Properties.Select(p => (p.Name, p.Doc)));
        Brought(output, "Concerns that were brought", lab.Concerns.Where(c => c is not Concern).Select(c => (c.Id, c.Title)));
        output.WriteLine();
        output.WriteLine($"Policies: {PolicyText.Form}");
        output.WriteLine($"  an encoding finds its best one among {string.Join(", ", ComparisonPlan.DefaultPolicies)}");
    }

    private static void Brought(TextWriter output, string heading, IEnumerable<(string Name, string Doc)> things)
    {
        if (things.Any())
        {
            output.WriteLine();
            output.WriteLine(heading);
        }

        foreach (var (name, doc) in things)
        {
            output.WriteLine($"  {name,-16} {doc}");
        }
    }

    private static int VersionsOf(EncodingRegistry registry, IEncodingFamily family) => registry.Resolve(family.Id).Versions.Count;

    private static string Default(WorkloadFamily family, WorkloadOption option) => family.Options.First(o => o.Name == option.Name).Default;

    private static void Describe(TextWriter output, string name, string doc) =>
        Wrap(output, doc.Split(' ').Prepend(name.PadRight(NameWidth)), indent: 4, hang: NameWidth + 1);

    /// <summary>Words in lines of a terminal's usual width.</summary>
    private static void Wrap(TextWriter output, IEnumerable<string> words, int indent, int hang = 0)
    {
        var line = new string(' ', indent - 1);
        foreach (var word in words)
        {
            if (line.Length + 1 + word.Length > Width && line.Trim().Length > 0)
            {
                output.WriteLine(line);
                line = new string(' ', indent + hang - 1);
            }

            line += " " + word;
        }

        output.WriteLine(line);
    }

    private static JsonObject Json(Lab lab) => new()
    {
        ["schemaVersion"] = 1,
        ["encodings"] = Array(lab.Encodings.Families, f => new JsonObject
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
            ["versions"] = VersionsOf(lab.Encodings, f),
            ["neverPosted"] = Array(
                lab.Encodings.EveryVariant(f).Select(e => e.Description).Where(d => d.Traits.HasFlag(EncodingTraits.NeverPosted)),
                d => JsonValue.Create(d.FullName)),
        }),
        ["workloads"] = Array(lab.Workloads.All, f => new JsonObject
        {
            ["id"] = f.Id,
            ["summary"] = f.Summary,
            ["options"] = OptionList(f.Options),
        }),
        ["traceOptions"] = OptionList(TraceWorkloadOptions.Documented),
        ["properties"] = Array(Checker.PropertiesOf(lab.Properties), p => new JsonObject { ["name"] = p.Name, ["kind"] = p.Kind.ToString().ToLowerInvariant(), ["doc"] = p.Doc }),
        ["concerns"] = Array(lab.Concerns, c => new JsonObject { ["id"] = c.Id, ["title"] = c.Title, ["question"] = c.Question }),
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
