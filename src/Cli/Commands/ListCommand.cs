using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Commands;

/// <summary><c>list</c>: what can be named.</summary>
internal sealed class ListCommand : ExampleCommand
{
    private const int Width = 100;
    private const int NameWidth = 17;

    public ListCommand(Terminal terminal, PluginHost plugins)
        : base(
            "list",
            "Lists encodings, workloads and policies with their options.",
            "list",
            "list --json",
            "list --plugin my-idea/MyIdea.cs") =>
        Runs(plugins, (args, _) => args.Flag("--json", "Print JSON."), (json, lab, _) => Run(terminal, lab, json));

    private static int Run(Terminal terminal, LabCatalog lab, bool json)
    {
        if (json)
        {
            terminal.Out.Write(JsonText.Write(Json(lab), JsonText.Ascii));
        }
        else
        {
            Print(terminal.Out, lab);
        }

        return ExitCode.Fine;
    }

    private static void Print(TextWriter output, LabCatalog lab)
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
                Describe(output, "version",
                    $"{values}: of the uAPI; kvm= and vmm= say it for one half alone (docs/version-skew.md). [v1]");
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

        Brought(output, "Properties that were brought (check; its own: check --help)",
            lab.Properties.Select(p => (p.Name, p.Doc)));
        Brought(output, "Concerns that were brought", lab.Concerns.Where(c => c is not Concern)
            .Select(c => (c.Id, c.Title)));
        output.WriteLine();
        output.WriteLine("Hosts (compare --host; docs/costs.md), the default first");
        foreach (var host in HostProfile.All)
        {
            Describe(output, host.Id, host.Summary);
        }

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

    private static int VersionsOf(EncodingRegistry registry, IEncodingFamily family) =>
        registry.Resolve(family.Id).Versions.Count;

    private static string Default(WorkloadFamily family, WorkloadOption option) =>
        family.Options.First(o => o.Name == option.Name).Default;

    private static void Describe(TextWriter output, string name, string doc) =>
        Wrap(output, doc.Split(' ').Prepend(name.PadRight(NameWidth)), indent: 4, hang: NameWidth + 1);

    /// <summary>Words in lines of a terminal's usual width.</summary>
    private static void Wrap(TextWriter output, IEnumerable<string> words, int indent, int hang = 0)
    {
        var lines = WordWrap.Fill(words, Width - indent, Width - indent - hang, breaks: false);
        output.WriteLine(new string(' ', indent) + lines[0]);
        foreach (var line in lines.Skip(1))
        {
            output.WriteLine(new string(' ', indent + hang) + line);
        }
    }

    private static object Json(LabCatalog lab) => new
    {
        schemaVersion = 1,
        encodings = lab.Encodings.Families.Select(f => new
        {
            f.Id,
            f.Summary,
            options = f.Options.Select(o => new { o.Name, o.Values, o.Default, o.Doc }),
            versions = VersionsOf(lab.Encodings, f),
            neverPosted = lab.Encodings.EveryVariant(f).Select(e => e.Description)
                .Where(d => d.Traits.HasFlag(EncodingTraits.NeverPosted)).Select(d => d.FullName),
        }),
        workloads = lab.Workloads.All.Select(f => new { f.Id, f.Summary, options = f.Options.Select(Option) }),
        traceOptions = TraceWorkloadOptions.Documented.Select(Option),
        properties = Checker.PropertiesOf(lab.Properties).Select(p => new { p.Name, kind = p.Kind.Words(), p.Doc }),
        concerns = lab.Concerns.Select(c => new { c.Id, c.Title, c.Question }),
        hosts = HostProfile.All.Select(h => new
        {
            h.Id,
            h.Summary,
            differs = h.Differs.ToDictionary(e => e.Name, e => e.Ns),
        }),
        policies = ComparisonPlan.DefaultPolicies.Select(p => p.ToString()),
    };

    private static object Option(WorkloadOption option) => new { option.Name, option.Default, option.Doc };
}
