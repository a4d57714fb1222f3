using UapiLab.Cli.New;

namespace UapiLab.Cli.Commands;

/// <summary><c>new</c>: the first file of an idea.</summary>
internal sealed class NewCommand : ExampleCommand
{
    public NewCommand(Terminal terminal, IEnumerable<string> taken)
        : base(
            "new",
            "Writes an encoding in one commented file that already passes check, and a proposal for it.",
            "new my-idea",
            "new my-idea --language c",
            "check my-idea --plugin my-idea/MyIdea.cs",
            "compare single-bit my-idea --plugin my-idea/MyIdea.cs --proposals my-idea") =>
        Runs(
            args => (
                Id: args.Word("ID", "Lower case, digits and dashes; also the folder that is made."),
                Language: args.Parsed("--language", "NAME", "c or csharp.", NewJob.Language, "csharp", "c", "csharp")!),
            (asked, _) => NewJob.Run(terminal, asked.Id, asked.Language, taken));
}
