using System.Text.Json.Nodes;
using UapiLab.Abstractions;
using UapiLab.Cli.Concerns;
using UapiLab.Harness.Lab.Concerns;

namespace UapiLab.Cli.Tests;

/// <summary>What <c>concerns</c> prints: an answer by the rules of docs/concerns.md, and each cell.</summary>
public sealed class ConcernsTests : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public void The_two_questions_of_the_thread_are_answered_and_what_is_broken_is_named()
    {
        var answer = new ConcernsAnswer(["exits", "hints", "bit", "bits"],
        [
            Cell("C1", "exits", ConcernVerdict.Holds) with { DoesNotArise = true },
            Cell("C1", "hints", ConcernVerdict.Holds), Cell("C1", "bit", ConcernVerdict.Broken),
            Cell("C1", "bits", ConcernVerdict.NotDecided),
            Cell("C3", "bit", ConcernVerdict.Broken), Cell("C8", "hints", ConcernVerdict.NeedsAbiBreak),
            Speed("exits", 1m), Speed("hints", 0.981m), Speed("bit", 0.66m), Speed("bits", 0.995m),
        ]);

        Assert.Equal(
        [
            "KVM can tell sync from async before it injects with hints; KVM cannot tell sync from async when it "
                + "injects with bit; whether KVM can tell sync from async is not decided with bits; KVM need not "
                + "tell with exits.",
            "A VMM that resolves every fault at once loses, against exit and block, nothing beyond 1 % with exits and "
                + "bits, 2 % with hints, 34 % with bit.",
            "Broken: C1, C3 with bit; ABI break: C8 with hints; not decided: C1 with bits.",
        ],
        answer.Sentences);
    }

    [Fact]
    public void What_was_not_asked_is_not_answered()
    {
        Assert.Equal(["Nothing that was asked is broken."],
            new ConcernsAnswer(["bit"], [Cell("C13", "bit", ConcernVerdict.HoldsAtACost)]).Sentences);
        Assert.Equal(["Nothing was decided."], new ConcernsAnswer(["bit"], []).Sentences);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    public void Every_cell_of_every_encoding_fits_forty_lines(int width)
    {
        string[] encodings =
        [
            "never-async", "userfaultfd", "single-bit:variant=as-posted", "multi-bit", "async-hint:inject=at-fault",
            "async-hint", "exitless", "an-encoding-of-somebody-with-a-name:of=more,than=a-line",
        ];
        ConcernVerdict[] verdicts =
        [
            ConcernVerdict.Broken, ConcernVerdict.HoldsAtACost, ConcernVerdict.Broken, ConcernVerdict.Holds,
            ConcernVerdict.NeedsAbiBreak, ConcernVerdict.NotDecided,
        ];
        var cells = encodings.SelectMany((e, i) => Concern.All.Select((c, j) =>
            Cell(c.Id, e, i % 2 == 0 || j > 5 ? ConcernVerdict.Holds : verdicts[j])));
        var page = ConcernsText.Page(new(encodings, [.. cells]), Concern.All, width, details: false);

        Assert.All(page.Split('\n'), line => Assert.True(line.Length <= width, line));
        Assert.True(page.TrimEnd().Split('\n').Length <= (width < 80 ? 48 : 40), page);
        Assert.Contains("+ holds, $ at a cost, X BROKEN, ! ABI break, ? not decided", page, StringComparison.Ordinal);
        Assert.Contains(ConcernsText.Page(new(encodings, [.. cells]), Concern.All, width, details: true).Split('\n'),
            line => line.Contains("BROKEN       why C3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_answer_stands_before_the_cells_and_in_the_json()
    {
        string[] words = ["concerns", "never-async", "single-bit", "C10", "C13", "--out", _line.Path("out")];
        var text = await CommandLine.Run(words);
        var json = JsonNode.Parse((await CommandLine.Run([.. words, "--json"])).Out)!;

        var speeds = json["answer"]!["speedResolvedAtOnce"]!.AsArray();
        Assert.Equal(["never-async", "single-bit"], speeds.Select(s => (string)s!["encoding"]!));
        var loss = Math.Round((1 - (decimal)speeds[1]!["speed"]!) * 100);
        Assert.StartsWith("A VMM that resolves every fault at once loses, against exit and block, nothing beyond 1 % "
            + Invariant($"with never-async, {loss} % with single-bit. "), text.Out.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
        Assert.Equal(text.Out.Split("\n\n")[0].ReplaceLineEndings(" "),
            string.Join(' ', json["answer"]!["sentences"]!.AsArray().Select(s => (string)s!)));
    }

    private static ConcernCell Cell(string concern, string encoding, ConcernVerdict verdict) =>
        new(concern, encoding, verdict, "why " + concern, [new("seen", "")]);

    private static ConcernCell Speed(string encoding, decimal speed) =>
        Cell("C10", encoding, ConcernVerdict.Holds) with { SpeedAtOnce = speed };
}
