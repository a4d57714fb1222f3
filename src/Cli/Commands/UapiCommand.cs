using System.CommandLine;
using UapiLab.Cli.Plugins;
using UapiLab.Cli.Uapi;
using UapiLab.Harness;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Commands;

/// <summary><c>uapi</c>: what an encoding would add to linux/kvm.h, printed, checked and compared.</summary>
internal sealed class UapiCommand : ExampleCommand
{
    private readonly Argument<string[]> encodings = new("ENCODING")
    {
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "ENCODING",
        Description = "id or id:option=value,…; several for --check and --size.",
    };

    private readonly Option<bool> header = new("--header") { Description = "Print the C header (default)." };
    private readonly Option<bool> asserts = new("--asserts") { Description = "Print the header and assertions on every offset and size: it compiles with gcc -m64 and -m32, or one of us is wrong." };
    private readonly Option<bool> doc = new("--doc") { Description = "Print a stub for api.rst." };
    private readonly Option<bool> json = new("--json") { Description = "Print the description as JSON, for a later --diff." };
    private readonly Option<bool> size = new("--size") { Description = "Count states, shared words, ioctls, flags and locks." };
    private readonly Option<bool> check = new("--check") { Description = "Hold it against the rules of uAPI design; exit 1 on an error." };
    private readonly Option<string?> diff = new("--diff") { HelpName = "OLD", Description = "Compare with an older version: a file that --json wrote, another encoding, or upstream; exit 1 if old programs break." };
    private readonly Option<bool> rules = new("--rules") { Description = "List the rules of --check with their sources." };
    private readonly Option<bool> all = new("--all") { Description = "Every variant of every encoding, for --check and --size." };

    public UapiCommand(Terminal terminal, EncodingRegistry registry, PluginHost plugins)
        : base(
            "uapi",
            "Prints, checks and compares the uAPI of an encoding.",
            "uapi multi-bit:bits=4 --header",
            "uapi single-bit --check",
            "uapi single-bit --diff single-bit:apf=off",
            "uapi async-hint --diff upstream",
            "uapi --all --size",
            "uapi my-idea --plugin my-idea/MyIdea.cs --check")
    {
        Add(encodings);
        foreach (var option in new Option[] { header, asserts, doc, json, size, check, diff, rules, all })
        {
            Add(option);
        }

        plugins.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(result, lab => Run(new(terminal, lab.Encodings), result), cancellation)));
    }

    private int Run(UapiJob job, ParseResult result)
    {
        Option[] modes = [header, asserts, doc, json, size, check, diff, rules];
        var given = modes.Where(m => result.GetResult(m) is { Implicit: false }).ToArray();
        if (given.Length > 1)
        {
            throw new InputException($"{given[0].Name} {given[1].Name}", "expected one of them");
        }

        var mode = given.FirstOrDefault() ?? header;
        if (mode == rules)
        {
            return job.Rules();
        }

        var named = result.GetValue(encodings)!;
        if (result.GetValue(all) ? named.Length > 0 : named.Length == 0)
        {
            throw new InputException("uapi", "expected encodings, or --all");
        }

        var chosen = result.GetValue(all) ? job.Every() : [.. named.Select(job.Resolve)];
        return mode == check ? job.Check(chosen)
            : mode == size ? job.Size(chosen)
            : chosen.Count > 1 ? throw new InputException($"uapi {mode.Name}", "expected one encoding")
            : mode == diff ? job.Diff(chosen[0], result.GetValue(diff)!)
            : mode == doc ? job.Doc(chosen[0])
            : mode == json ? job.Json(chosen[0])
            : mode == asserts ? job.Asserts(chosen[0])
            : job.Header(chosen[0]);
    }
}
