using UapiLab.Tests;
using System.CommandLine;
using System.Globalization;
using UapiLab.Cli.Compare;
using UapiLab.Encodings;
using UapiLab.Harness.Lab;

namespace UapiLab.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("no-such-command")]
    [InlineData("compare", "--seed", "many")]
    [InlineData("compare", "--seeds", "0")]
    [InlineData("compare", "--threads", "-1")]
    [InlineData("compare", "--no-such-option")]
    [InlineData("compare", "no-such-encoding")]
    [InlineData("compare", "single-bit:apf=maybe")]
    [InlineData("compare", "--workload", "no-such-workload")]
    [InlineData("compare", "--workload", "mixed:sync=2")]
    [InlineData("compare", "--policy", "soon")]
    [InlineData("compare", "--costs", "no-such-file")]
    [InlineData("compare", "--trace", "no-such-file")]
    [InlineData("compare", "--trace-options", "no-such-option=1", "--trace", "x")]
    [InlineData("compare", "--proposals", "no-such-folder")]
    [InlineData("concerns", "single-bit", "C99")]
    [InlineData("proposals", "verify", "--proposals", "no-such-folder")]
    [InlineData("completion", "tcsh")]
    [InlineData("proposals")]
    [InlineData("proposals", "veirfy")]
    [InlineData("compare", "--fail-if", "slower")]
    [InlineData("compare", "--fail-if", "older", "--against", "x")]
    [InlineData("compare", "--against", "no-such-file")]
    [InlineData("uapi", "single-bit", "--header", "--sarif", "x")]
    [InlineData("compare", "--shard", "4/3")]
    [InlineData("compare", "--shard", "0/3")]
    [InlineData("compare", "--shard", "1")]
    [InlineData("compare", "--shard", "1/2", "--json")]
    [InlineData("check", "single-bit", "--shard", "1/2")]
    [InlineData("concerns", "C1", "--shard", "1/2", "--explain")]
    [InlineData("merge")]
    [InlineData("merge", "no-such-file")]
    [InlineData("bench", "no-such-encoding")]
    [InlineData("bench", "single-bit", "--cc", "no-such-compiler")]
    [InlineData("bench", "single-bit", "--cc", "false")]
    [InlineData("bench", "single-bit", "--pairs", "0")]
    [InlineData("bench", "--plugin", "no-such-file")]
    [InlineData]
    public async Task Bad_usage_is_one_line_on_standard_error_and_exit_2(params string[] args)
    {
        var outcome = await CommandLine.Run(args);

        Assert.Equal(2, outcome.Exit);
        Assert.Empty(outcome.Out);
        Assert.StartsWith("uapilab: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_option_is_named_and_told_from_an_encoding()
    {
        var outcome = await CommandLine.Run("compare", "--no-such-option");

        Assert.Contains("--no-such-option: unknown option", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>What would be dropped in silence is refused.</summary>
    [Theory]
    [InlineData("--quick --instance", "check", "single-bit", "--quick", "--instance", "re-arm:vcpus=1,tasks=1")]
    [InlineData("--misuse --instance", "check", "single-bit", "--misuse", "--instance", "tasks", "--memory", "weak")]
    [InlineData("--misuse --memory", "check", "single-bit", "--misuse", "--memory", "weak")]
    [InlineData("--misuse --knowledge", "check", "single-bit", "--misuse", "--knowledge")]
    [InlineData("--misuse --require", "check", "single-bit", "--misuse", "--require", "C1")]
    [InlineData("--misuse --vcpus", "check", "single-bit", "--misuse", "--vcpus", "1")]
    [InlineData("--misuse --random", "check", "single-bit", "--misuse", "--random", "5")]
    [InlineData("--knowledge --quick", "check", "single-bit", "--knowledge", "--quick")]
    [InlineData("--knowledge --kernel", "check", "single-bit", "--knowledge", "--kernel", "6.12")]
    [InlineData("--random --exact", "check", "single-bit", "--random", "5", "--exact")]
    [InlineData("--random --require", "check", "single-bit", "--random", "5", "--require", "C1")]
    [InlineData("--steps", "check", "single-bit", "--steps", "5")]
    [InlineData("--seed", "check", "single-bit", "--quick", "--seed", "5")]
    [InlineData("--all single-bit", "check", "single-bit", "--all")]
    [InlineData("--trace-options", "compare", "single-bit", "--trace-options", "fetch=100us")]
    [InlineData("--json --details", "compare", "single-bit", "--json", "--details")]
    [InlineData("--json --coverage", "conform", "x", "--json", "--coverage")]
    [InlineData("--reduce", "conform", "x", "y", "--reduce", "z")]
    public async Task Options_that_do_not_go_together_are_refused_in_one_line(string named, params string[] words)
    {
        var outcome = await CommandLine.Run(words);

        Assert.Equal((2, ""), (outcome.Exit, outcome.Out));
        Assert.StartsWith($"uapilab: {named}: expected ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("compare")]
    [InlineData("list")]
    [InlineData("completion")]
    public async Task Help_goes_to_standard_output_with_examples(params string[] command)
    {
        var outcome = await CommandLine.Run([.. command, "--help"]);

        Assert.Equal(0, outcome.Exit);
        Assert.Contains("Usage:", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  uapilab ", outcome.Out, StringComparison.Ordinal);
        Assert.Empty(outcome.Error);
    }

    [Theory]
    [InlineData("uapilab: cmpare: unknown command 'cmpare', did you mean 'compare'? expected one of compare, ",
        "cmpare")]
    [InlineData("uapilab: veirfy: unknown command 'veirfy', did you mean 'verify'? expected one of verify, mail",
        "proposals", "veirfy")]
    [InlineData("uapilab: proposals: expected a command: verify or mail; ", "proposals")]
    [InlineData("uapilab: kernelapf: unknown encoding 'kernelapf', did you mean 'kernel-apf'? expected one of ",
        "live", "kernelapf")]
    [InlineData("uapilab: run: expected WORKLOAD: The workload (uapilab list).\n", "run", "single-bit")]
    [InlineData("uapilab: my-idea: unknown encoding 'my-idea', expected one of ", "check", "my-idea")]
    public async Task What_was_probably_meant_is_said(string told, params string[] words)
    {
        var outcome = await CommandLine.Run(words);

        Assert.StartsWith(told, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(words is ["check" or "live", ..],
            outcome.Error.EndsWith("; one of your own: --plugin PATH\n", StringComparison.Ordinal));
    }

    /// <summary>A word that the library broke stood at the end of one line and the beginning of the next.</summary>
    [Fact]
    public async Task Help_is_as_wide_as_the_terminal_breaks_no_word_and_has_six_examples_at_most()
    {
        var root = Cli.Commands.CommandTree.Build(Terminal.Plain(TextWriter.Null, TextWriter.Null));
        foreach (var command in root.Subcommands.SelectMany(c => c.Subcommands.Prepend(c)).Prepend(root)
            .Where(c => !c.Hidden))
        {
            var path = command == root ? [] : command.Parents.OfType<Command>().Where(p => p != root)
                .Select(p => p.Name).Append(command.Name);
            var help = (await CommandLine.Run([.. path, "--help"])).Out;
            var words = help.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

            Assert.All(help.Split('\n').Where(l => l.Trim().Contains(' ', StringComparison.Ordinal)),
                line => Assert.True(line.Length <= 80, line));
            Assert.All(command.Options.Where(o => !o.Hidden).SelectMany(o => o.Description?.Split(' ') ?? []),
                word => Assert.Contains(word, words));
            Assert.InRange(help.Split("Examples:\n").Last().Split("\n  uapilab").Length, 1, 6);
        }
    }

    [Fact]
    public void Options_are_documented()
    {
        var root = Cli.Commands.CommandTree.Build(Terminal.Plain(TextWriter.Null, TextWriter.Null));
        var commands = root.Subcommands.SelectMany(c => c.Subcommands.Prepend(c)).Where(c => !c.Hidden).ToArray();
        var list = commands.Single(c => c.Name == "list");
        GeneratedDoc.Check("docs/cli.md", "plugin", Table(list.Options.Where(IsAboutPlugins)));
        foreach (var command in commands.Where(c => c.Options.Any(o => !IsAboutPlugins(o))))
        {
            GeneratedDoc.Check("docs/cli.md", command.Name,
                Table(command.Options.Where(o => !IsAboutPlugins(o) && !o.Hidden)));
        }
    }

    [Fact]
    public void What_decides_a_comparison_is_in_the_command_that_repeats_it()
    {
        string[] others = ["--published", "--shard", "--merging", "--threads", "--out", "--details", "--json",
            "--quiet", "--plugin-seconds", "--plugin-memory", "--junit", "--summary", "--against", "--fail-if"];
        var lab = new LabCatalog(new(BuiltInEncodings.All));
        var command = new Command("compare");
        _ = new CompareRequest(new(command), lab);
        string Value(Option option) => option.ValueType == typeof(bool) ? ""
            : option.Name == "--policy" ? "resolve"
            : option.Name == "--host" ? "no-apicv"
            : option.Name == "--fail-if" ? "slower"
            : option.Name == "--shard" ? "1/2"
            : option.ValueType == typeof(string[]) || option.ValueType == typeof(string) ? "x" : "7";
        var words = command.Options.SelectMany(o => new[] { o.Name, Value(o) }).Where(w => w.Length > 0).ToArray();

        var repeated = new CompareRequest(new(command, command.Parse(words)), lab).Command().Split(' ');

        Assert.All(command.Options.Select(o => o.Name).Except(others), name => Assert.Contains(name, repeated));
    }

    private static bool IsAboutPlugins(Option option) => option.Name.StartsWith("--plugin", StringComparison.Ordinal);

    private static IEnumerable<string> Table(IEnumerable<Option> options)
    {
        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
        return options.Select(
            o => $"| `{string.Join("`, `", o.Aliases.Prepend(Usage(o)))}` | {Cell(o.Description!)}{Default(o)} |")
            .Prepend("| --- | --- |").Prepend("| option | |");
    }

    private static string Usage(Option option) => option.HelpName is { } value ? $"{option.Name} {value}" : option.Name;

    private static string Default(Option option) =>
        option is { HasDefaultValue: true, ValueType: { } type } && type != typeof(bool)
            && Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture) is { Length: > 0 } value
            ? $" Default: {value}."
            : "";

    [Fact]
    public void Every_example_is_a_command_line_that_parses()
    {
        var root = Cli.Commands.CommandTree.Build(Terminal.Plain(TextWriter.Null, TextWriter.Null));

        foreach (var example in root.Subcommands.OfType<Cli.Commands.ExampleCommand>().SelectMany(c => c.Examples))
        {
            var words = example.Split(" | ")[0].Split(" > ")[0];
            Assert.Empty(root.Parse(words).Errors);
        }
    }
}
