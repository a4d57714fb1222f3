using UapiLab.Cli.New;

namespace UapiLab.Cli.Commands;

/// <summary><c>new</c>: the first file of an idea.</summary>
internal sealed class NewCommand : ExampleCommand
{
    public NewCommand(Terminal terminal)
        : base(
            "new",
            "Writes an encoding in one commented file that already passes check, and a proposal for it.",
            "new my-idea",
            "check my-idea --plugin my-idea/MyIdea.cs",
            "compare single-bit my-idea --plugin my-idea/MyIdea.cs --proposals my-idea") =>
        Runs(
            args => args.Word("ID", "Lower case, digits and dashes; also the folder that is made."),
            (id, _) => NewJob.Run(terminal, id));
}
