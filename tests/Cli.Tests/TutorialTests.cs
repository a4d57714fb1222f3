using UapiLab.Tests;
using System.Diagnostics;

namespace UapiLab.Cli.Tests;

/// <summary>docs/write-an-encoding.md and docs/extend-the-lab.md, done as a reader would: every edit applies, every
/// command prints what is quoted.</summary>
public sealed class TutorialTests : IDisposable
{
    private const string Proposal = "my-idea/proposal/proposal.json";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-tutorial-");

    private string _source = "my-idea/MyIdea.cs";

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Its plot: something made, found broken, mended, found sound, compared and claimed.</summary>
    [Fact]
    public Task Writing_an_encoding_goes_as_it_says() => Follow(
        "write-an-encoding.md", "sh", "console", "diff", "console", "console", "diff", "diff", "diff", "diff",
            "console", "console", "console", "json", "console");

    /// <summary>Its plot: the same mistake in C, mended; and state outside of a region.</summary>
    [Fact]
    public Task Writing_one_in_C_goes_as_it_says()
    {
        Tool.CPlugins.Require();
        _source = "my-idea/my-idea.c";
        return Follow("write-an-encoding-in-c.md", "console", "diff", "console", "diff", "diff", "diff", "diff", "diff",
            "console", "console", "diff", "console");
    }

    /// <summary>Its plot: code, and a workload, a property and a concern that are in it.</summary>
    [Fact]
    public Task Extending_the_lab_goes_as_it_says() =>
        Follow("extend-the-lab.md", "csharp", "console", "console", "console");

    [Theory]
    [InlineData("a\nb\n", "a", "b")]
    [InlineData("a\nb\nc\n", "…", "c")]
    [InlineData("a\nb\nc\n", "a", "…")]
    [InlineData("took 3 s here\n", "took … here")]
    public void A_quotation_fits_what_it_quotes(string output, params string[] quoted) =>
        Assert.Null(Quotation.Misfit(quoted, output));

    [Theory]
    [InlineData("(the end)", "a\nb\nc\n", "a", "b")]
    [InlineData("b", "a\nB\n", "a", "b")]
    [InlineData("c", "a\nb\nc\n", "a", "c")]
    [InlineData("c.", "cx\n", "…", "c.")]
    [InlineData("took … here", "took\nhere\n", "took … here")]
    public void And_nothing_else(string at, string output, params string[] quoted) =>
        Assert.Equal(at, Quotation.Misfit(quoted, output));

    private async Task Follow(string document, params string[] plot)
    {
        var blocks = Tutorial.Blocks(File.ReadAllLines(Path.Combine(GeneratedDoc.Root(), "docs", document))).ToList();
        Assert.Equal(plot, blocks.Select(b => b.Language));
        foreach (var block in blocks)
        {
            switch (block.Language)
            {
                case "console":
                    await Run(block);
                    break;
                case "csharp": // the first line says the name
                    await File.WriteAllLinesAsync(At(block.Lines[0]["// ".Length..]), block.Lines);
                    break;
                case "diff":
                    await File.WriteAllTextAsync(At(_source),
                        Tutorial.Edited(await File.ReadAllTextAsync(At(_source)), block));
                    break;
                case "json":
                    await File.WriteAllLinesAsync(At(Proposal), block.Lines);
                    break;
                default: // "sh" says how to build the program, which is built
                    break;
            }
        }
    }

    private string At(string path) => Path.Combine(_folder.FullName, path);

    private async Task Run(Tutorial.Block block)
    {
        var expected = Tutorial.Commands(block).ToList();
        for (var i = 0; i < expected.Count; i++)
        {
            var command = expected[i];
            var words = command.Text.Split(' ');
            Assert.Equal("uapilab", words[0]);
            var (exit, output, error) = await Uapilab(words[1..]);
            var misfit = Quotation.Misfit(command.Quoted, output);
            Assert.True(misfit is null,
                $"line {block.Line}: {command.Text}: the output is no longer what is quoted, "
                + $"from\n{misfit}\n\nstandard output was\n{output}\nand standard error\n{error}");

            // An exit code is 0 unless the reader is told to ask.
            var asked = i + 1 < expected.Count && expected[i + 1].Text == "echo $?" ? expected[++i].Quoted : ["0"];
            Assert.Equal(asked, [Invariant($"{exit}")]);
        }
    }

    /// <summary>In a process of its own, since the paths of the document are relative to a folder.</summary>
    private async Task<(int Exit, string Out, string Error)> Uapilab(string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. words])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
