using UapiLab.Abstractions;
using UapiLab.Cli.Bench;
using UapiLab.Encodings;
using UapiLab.Harness.Registry;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>That the table of <c>bench</c> has every row for every encoding; what is in the rows is not
/// tested.</summary>
public sealed class BenchTableTests : IDisposable
{
    private static readonly string[] s_ofOneGiB =
    [
        "look-up | bit test",
        "look-up | bit test, bounded",
        "look-up | bit test, called",
        "publish | atomic and",
        "clear 1 GiB | atomic ands",
        $"{WordsBench.Readers} look up, 1 publishes: whole guest | the same in C",
        $"{WordsBench.Readers} look up, 1 publishes: one cache line | the same in C",
        "arm 1 GiB | memset",
    ];

    private static readonly string[] s_ofOneTiB =
        ["look-up, 1 TiB | bit test", "look-up, 1 TiB | bit test, bounded", "arm 1 TiB | memset"];

    private readonly CommandLine _line = new();

    public static TheoryData<string> Encodings =>
        new([.. BuiltInEncodings.All.Select(f => f.Id), "multi-bit:layout=split"]);

    public void Dispose() => _line.Dispose();

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_encoding_with_words_has_every_row_and_a_ratio_in_it(string id)
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(id);
        if (encoding.Regions.Count == 0)
        {
            Assert.False(WordsBench.Has(encoding));
            return;
        }

        using var c = CompileOrSkip();
        BenchRow[] rows = [.. new WordsBench(c, pairs: 1, operations: 1000, warmUp: false).Run(encoding)];

        Assert.Equal(s_ofOneGiB.Concat(s_ofOneTiB).Order(StringComparer.Ordinal), rows.Select(Name)
            .Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal(encoding.Description.FullName, row.Encoding));
        Assert.All(rows,
            row => Assert.True(row.Pairs is { Subject: > 0, Baseline: > 0, Ratio: > 0 }, $"{Name(row)}: {row.Pairs}"));
    }

    [Fact]
    public async Task A_plugin_has_every_row_and_what_has_no_words_is_simulated_and_checked()
    {
        CompileOrSkip().Dispose();
        Assert.Equal(0, (await CommandLine.Run("new", _line.Path("my-idea"))).Exit);

        var outcome = await CommandLine.Run("bench", "my-idea", "userfaultfd", "--pairs", "1", "--plugin",
            _line.Path("my-idea/MyIdea.cs"));

        Assert.Equal((0, ""), (outcome.Exit, outcome.Error));
        var lines = outcome.Out.Split('\n');
        var words = lines.Where(l => l.StartsWith("my-idea ", StringComparison.Ordinal)
            && !l.Contains(" simulator ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(s_ofOneGiB.Length + s_ofOneTiB.Length, words.Length);
        foreach (var row in s_ofOneGiB.Concat(s_ofOneTiB).Select(r => r.Split(" | ")))
        {
            Assert.Single(words, w => w.Contains($" {row[0]} ", StringComparison.Ordinal)
                && w.EndsWith($" {row[1]}", StringComparison.Ordinal));
        }

        foreach (var encoding in new[] { "my-idea", "userfaultfd" })
        {
            Assert.Single(lines, l => l.StartsWith(encoding + " ", StringComparison.Ordinal)
                && l.Contains(" M steps/s ", StringComparison.Ordinal)
                && l.Contains(" k states/s ", StringComparison.Ordinal));
        }

        Assert.Single(lines, l => l.StartsWith("uapilab list ", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_name_every_family_is_measured()
    {
        var registry = new EncodingRegistry(BuiltInEncodings.All);

        Assert.Equal(BuiltInEncodings.All.Select(f => f.Id), BenchRequest.Chosen([], registry)
            .Select(e => e.Description.Id));
    }

    /// <summary>Without the size that some have behind the name.</summary>
    private static string Name(BenchRow row) => $"{row.Measurement.Split(" (")[0]} | {row.Baseline}";

    private static CBaseline CompileOrSkip()
    {
        Tool.CLibrary.Require();
        return CBaseline.Compile("gcc");
    }
}
