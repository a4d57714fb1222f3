using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Commands;

/// <summary>The library's help in lines of the terminal's width, broken between words, and examples below it.</summary>
internal sealed partial class HelpWithExamples(HelpAction usual, int width) : SynchronousCommandLineAction
{
    /// <summary>More of them nobody reads.</summary>
    public const int MostExamples = 6;

    /// <summary>Wide enough for the library to wrap nothing, which it does within words.</summary>
    private const int Unwrapped = 100_000;

    /// <summary>Whoever asks for help need not have got the rest right.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        var page = new StringWriter();
        usual.MaxWidth = Unwrapped;
        configuration.Output = page;
        var result = usual.Invoke(parseResult);
        configuration.Output = output;
        foreach (var line in page.ToString().ReplaceLineEndings("\n").Split('\n').SkipLast(1).SelectMany(Wrapped))
        {
            output.WriteLine(line);
        }

        var command = parseResult.CommandResult.Command;
        var examples = command is ExampleCommand one ? one.Examples
            : command.Subcommands.OfType<ExampleCommand>().Select(c => c.Examples[0]);
        output.WriteLine("Examples:");
        foreach (var line in examples.Take(MostExamples).SelectMany(e => Lines("  ", "uapilab " + e, 6)))
        {
            output.WriteLine(line);
        }

        output.WriteLine();
        return result;
    }

    /// <summary>A row of two columns keeps them, unless the first leaves too little room for the second.</summary>
    private IEnumerable<string> Wrapped(string line)
    {
        if (Columns().Match(line) is not { Success: true } row)
        {
            var text = line.TrimStart();
            return Lines(line[..^text.Length], text, line.Length - text.Length + 2);
        }

        var (name, gap, doc) = (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value);
        var column = Math.Min(name.Length + gap.Length, width / 3);
        return name.Length + 2 > column
            ? Lines("  ", name.TrimStart(), 6).Concat(Lines(new string(' ', column), doc, column))
            : Lines(name.PadRight(column), doc, column);
    }

    private IEnumerable<string> Lines(string first, string text, int hang) =>
        WordWrap.Fill(WordWrap.Words(text), width - first.Length, width - hang, breaks: false)
            .Select((line, i) => ((i == 0 ? first : new string(' ', hang)) + line).TrimEnd());

    [GeneratedRegex(@"^(  \S.*?)(  +)(\S.*)$")]
    private static partial Regex Columns();
}
