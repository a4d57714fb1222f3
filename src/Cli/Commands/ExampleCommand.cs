using System.CommandLine;

namespace UapiLab.Cli.Commands;

/// <summary>A command with examples for its help.</summary>
internal abstract class ExampleCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines with what they do, without the program's name.</summary>
    public IReadOnlyList<string> Examples => examples;
}
