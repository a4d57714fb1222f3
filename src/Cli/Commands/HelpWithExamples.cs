using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace UapiLab.Cli.Commands;

/// <summary>The library's help, and examples below it.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Whoever asks for help need not have got the rest right.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var result = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        IEnumerable<ExampleCommand> commands = parseResult.CommandResult.Command is ExampleCommand command
            ? [command]
            : parseResult.CommandResult.Command.Subcommands.OfType<ExampleCommand>();
        output.WriteLine("Examples:");
        foreach (var example in commands.SelectMany(c => c.Examples))
        {
            output.WriteLine("  uapilab " + example);
        }

        output.WriteLine();
        return result;
    }
}
