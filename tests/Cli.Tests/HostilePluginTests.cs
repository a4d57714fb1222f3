using System.Globalization;
using UapiLab.Tests;
using static UapiLab.Cli.Tests.HostilePlugin;

namespace UapiLab.Cli.Tests;

/// <summary>A plugin that misbehaves loses its own row and nothing else, and it is said what it did.</summary>
public sealed class HostilePluginTests : IDisposable
{
    private const string Throws = "if (fault.Gfn.Value >= 0) throw new InvalidOperationException(\"no good\");";
    private const string Loops = "while (fault.Gfn.Value >= 0) { }";
    private const string AllocatesMuch = "for (long n = 0; n < 1 << 20; n++) { n += (new byte[1 << 26])[5]; }";
    private const string LoopsWithAccesses = "while (fault.Gfn.Value >= 0) { kvm.Load(Words.Bitmap, 0); }";
    private const string DiesWhereItIsLookedFor =
        "if (Environment.GetEnvironmentVariable(\"SEEN\") is not null) "
            + "System.Diagnostics.Process.GetCurrentProcess().Kill(); "
            + "if (fault.Gfn.Value >= 0) Environment.SetEnvironmentVariable(\"SEEN\", \"1\"); " + Loops;
    // In large pieces, so that what is left when one is refused is enough for all else that goes on in its process.
    private const string Allocates = "for (var kept = new List<byte[]>(); ;) { kept.Add(new byte[1 << 26]); }";
    private const string Overflows =
        "static int Deep(int n) => n < 0 ? 0 : Deep(n + 1) + Deep(n + 2); if (Deep(1) == 7) return FaultAnswer.Map;";
    private const string Exits = "Environment.Exit(0);";
    private const string ThrowsElsewhere =
        "new System.Threading.CancellationTokenSource(1).Token.Register(() => throw new "
            + "InvalidOperationException(\"elsewhere\")); System.Threading.SpinWait.SpinUntil(() => false, 500);";
    private const string Guesses =
        "if (System.IO.Path.GetRandomFileName()[0] < 'g') return FaultAnswer.Exit(Words.Userfault);";

    private static readonly string[] s_plenty = ["--plugin-seconds", "600"];

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Theory]
    [InlineData(Throws, "OnGuestFault: InvalidOperationException: no good, at Hostile.cs:")]
    [InlineData(Loops, "no end after N s: an endless loop?, at Hostile.cs:")]
    [RepeatData(AllocatesMuch, "made no progress for N s: an endless loop, or arrays too large (")]
    [RepeatData(LoopsWithAccesses, "OnGuestFault: more than 384 accesses without a Checkpoint, at Hostile.cs:")]
    [InlineData(Allocates, "(out of memory), at Hostile.cs:")]
    [InlineData(Overflows, "stack overflow in HostileKvmHalf.")]
    [InlineData(Exits, "ended its process (Environment.Exit)")]
    [RepeatData(ThrowsElsewhere,
        "unhandled exception on a thread of its own: System.AggregateException: One or more errors occurred. "
        + "(elsewhere)")]
    [InlineData(Guesses, "two runs of the same seed differ: the encoding is not deterministic")]
    public async Task In_a_comparison(string code, string told)
    {
        var report = _line.Path("out/report.txt");
        var (exit, text) = await Patiently(
            told, outcome => File.Exists(report) ? Words(File.ReadAllText(report)) : outcome.Error,
            "compare", "hostile", "--plugin", await Hostile(code), "--plugin-memory", "256", "--workload", "all-sync",
            "--seeds", "2", "--cells-only", "--proposals", _line.Folder("none"), "--out", _line.Path("out"));
        Assert.Contains(told, text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Violation, exit);
        Assert.Equal(await OtherRowsAlone(_line), OtherRows(report));
    }

    [Theory]
    [RepeatData(Loops,
        "uapilab: plugin: made no progress for N s while checking hostile on frames:vcpus=1: an endless loop?, at "
        + "Hostile.cs:")]
    [InlineData(DiesWhereItIsLookedFor,
        "uapilab: plugin: made no progress for N s while checking hostile on frames:vcpus=1: an endless loop?")]
    [InlineData(Allocates, "(out of memory), at Hostile.cs:")]
    [InlineData(Overflows, "uapilab: plugin: stack overflow in HostileKvmHalf.")]
    [InlineData(Exits,
        "uapilab: plugin: ended its process (Environment.Exit) while checking hostile on frames:vcpus=1")]
    [RepeatData(ThrowsElsewhere,
        "uapilab: plugin: unhandled exception on a thread of its own: System.AggregateException: One or more errors "
        + "occurred. (elsewhere)")]
    public async Task In_a_search(string code, string told)
    {
        var (exit, error) = await Patiently(
            told, outcome => outcome.Error,
            "check", "hostile", "--plugin", await Hostile(code), "--plugin-memory", "256", "--instance",
                "frames:vcpus=1", "--out", _line.Path("check"));
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(ExitCode.Violation, exit);
    }

    /// <summary>Cells that do not need its code, and the other rows, stand.</summary>
    [Fact]
    public async Task In_the_matrix_of_concerns()
    {
        var outcome = await CommandLine.Run([
            "concerns", "hostile", "single-bit", "C13", "C2", "C10", "--plugin", await Hostile(Overflows), .. s_plenty,
                "--out", _line.Path("concerns")]);
        Assert.Equal(ExitCode.Violation, outcome.Exit);
        var rows = outcome.Out.Split('\n').Select(Words).ToArray();
        Assert.Contains(rows, r => r.StartsWith("single-bit BROKEN 0.9", StringComparison.Ordinal));
        Assert.Contains(rows,
            r => r.StartsWith("hostile not decided its process ended: stack overflow in HostileKvmHalf.",
            StringComparison.Ordinal));
        Assert.DoesNotContain(rows, r => r.StartsWith("single-bit not decided", StringComparison.Ordinal));
    }

    /// <summary>A concern of a plugin is no part of an encoding, and costs its own cells.</summary>
    [Fact]
    public async Task As_a_concern()
    {
        Concern(1, "throw new InvalidOperationException(\"no good\");");
        Concern(2, "Environment.Exit(0); return null!;");
        Concern(3, "_ = bench.Description; return new(ConcernVerdict.Holds, \"fine\");");

        var outcome =
            await CommandLine.Run(["concerns", "single-bit", "C13", "X1", "X2", "X3", "--plugin", _line.Path("brought"),
                .. s_plenty, "--out", _line.Path("concerns")]);
        Assert.Equal(ExitCode.Violation, outcome.Exit);
        var rows = outcome.Out.Split('\n').Where(l => l.StartsWith("  single-bit", StringComparison.Ordinal))
            .Select(Words).ToArray();
        Assert.StartsWith("single-bit at a cost", rows[0], StringComparison.Ordinal);
        Assert.Equal(
        [
            "single-bit not decided it threw InvalidOperationException: no good",
            "single-bit not decided its process ended: ended its process (Environment.Exit) while deciding X2 of "
                + "single-bit",
            "single-bit holds fine",
        ], rows[1..]);
    }

    [Fact]
    public async Task As_a_concern_without_an_end()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        const string Told =
            "single-bit not decided its process ended: made no progress for N s while deciding X1 of single-bit: an "
                + "endless loop?";
        Concern(1, "while (bench is not null) { } return null!;");

        var (exit, text) = await Patiently(
            Told, outcome => Words(outcome.Out), "concerns", "single-bit", "X1", "--plugin", _line.Path("brought"),
                "--out", _line.Path("concerns"));
        Assert.Contains(Told, text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Violation, exit);
    }

    /// <summary>What KVM's half does against the contract is a finding like any other, with the history that leads to
    /// it.</summary>
    [Theory]
    [InlineData(Throws, "KVM's half fails: OnGuestFault: InvalidOperationException:")]
    [InlineData(LoopsWithAccesses, "KVM's half fails: OnGuestFault: more than 96 accesses")]
    public async Task In_a_search_with_a_history(string code, string told)
    {
        var outcome =
            await CommandLine.Run(["check", "hostile", "--plugin", await Hostile(code), "--instance", "re-arm:vcpus=1",
                .. s_plenty, "--out", _line.Path("check")]);
        Assert.Equal(ExitCode.Violation, outcome.Exit);
        Assert.Contains("kvm-contract", outcome.Out, StringComparison.Ordinal);
        var last = Array.Find(outcome.Out.Split('\n'), l => l.Contains("half fails", StringComparison.Ordinal));
        Assert.Contains(told, last, StringComparison.Ordinal);
        Assert.Contains("Hostile.cs:", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_is_described()
    {
        var file = await HostilePlugin.Write(_line, description: "Environment.Exit(0);");
        var outcome =
            await CommandLine.Run(["compare", "hostile", "--plugin", file, .. s_plenty, "--out", _line.Path("out")]);
        Assert.Equal(ExitCode.BadInput, outcome.Exit);
        Assert.Equal($"uapilab: plugin: ended its process (Environment.Exit) while loading {file}\n", outcome.Error);
    }

    private Task<string> Hostile(string code) => HostilePlugin.Write(_line, half: "        " + code);

    private void Concern(int number, string code) => _line.Write(
        $"brought/X{number}.cs",
        $"using UapiLab.Abstractions; public sealed class X{number} : IConcern {{ public string Id => \"X{number}\"; "
            + $"public string Title => \"\"; "
        + "public string Question => \"\"; public string Source => \"\"; public string Method => \"\"; "
        + $"public ConcernAnswer Decide(IConcernBench bench) {{ {code} }} }}");

    /// <summary>The limit is one of real time, and a plugin whose loading alone takes longer, on a busy machine, is
    /// ended for that. So what is ended by the limit is tried with longer ones too, and all else has more than it can
    /// need.</summary>
    /// <returns>Exit code and text, in which the limit is N.</returns>
    private static async Task<(int Exit, string Text)> Patiently(string told, Func<CommandLine.Outcome, string> text,
        params string[] command)
    {
        int[] limits = told.Contains("N s", StringComparison.Ordinal) ? [2, 10, 50] : [600];
        for (var i = 0; ; i++)
        {
            var outcome =
                await CommandLine.Run([.. command, "--plugin-seconds", limits[i]
                    .ToString(CultureInfo.InvariantCulture)]);
            var said = text(outcome).Replace(Invariant($" {limits[i]} s"), " N s", StringComparison.Ordinal);
            if (said.Contains(told, StringComparison.Ordinal) || i == limits.Length - 1)
            {
                return (outcome.Exit, said);
            }
        }
    }
}
