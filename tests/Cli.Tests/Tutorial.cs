namespace UapiLab.Cli.Tests;

/// <summary>A document cut into what a reader would do, one step for each fenced block that asks for
/// something.</summary>
internal static class Tutorial
{
    /// <summary>A fenced block: its language, its lines, and where it begins in the document.</summary>
    internal sealed record Block(string Language, int Line, IReadOnlyList<string> Lines);

    /// <summary>A line after a prompt, and what is quoted below it.</summary>
    internal sealed record Command(string Text, IReadOnlyList<string> Quoted);

    public static IEnumerable<Block> Blocks(string[] document)
    {
        for (var at = 0; at < document.Length; at++)
        {
            if (document[at].StartsWith("```", StringComparison.Ordinal))
            {
                var end = Array.IndexOf(document, "```", at + 1);
                yield return new(document[at][3..], at + 1, document[(at + 1)..end]);
                at = end;
            }
        }
    }

    public static IEnumerable<Command> Commands(Block console)
    {
        const string Prompt = "$ ";
        for (var at = 0; at < console.Lines.Count;)
        {
            Assert.StartsWith(Prompt, console.Lines[at], StringComparison.Ordinal);
            var quoted = console.Lines.Skip(at + 1)
                .TakeWhile(line => !line.StartsWith(Prompt, StringComparison.Ordinal)).ToList();
            yield return new(console.Lines[at][Prompt.Length..], quoted);
            at += 1 + quoted.Count;
        }
    }

    /// <summary>Applies an edit as a reader would: finds the old lines, which must be there once, and puts the new ones
    /// in their place.</summary>
    public static string Edited(string source, Block diff)
    {
        var old = Lines(diff, '-');
        var found = source.Split(old).Length - 1;
        Assert.True(found == 1,
            $"line {diff.Line}: what the edit is about is {found} times in the source, expected once:\n{old}");
        return source.Replace(old, Lines(diff, '+'), StringComparison.Ordinal);
    }

    /// <summary>The context and the lines of one side.</summary>
    private static string Lines(Block diff, char side) =>
        string.Concat(diff.Lines.Where(line => line.Length == 0 || line[0] == ' ' || line[0] == side)
            .Select(line => line.Length == 0 ? "\n" : line[1..] + "\n"));
}
