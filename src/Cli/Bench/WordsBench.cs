using System.Runtime;
using UapiLab.Abstractions;

namespace UapiLab.Cli.Bench;

/// <summary>Measures the words of one encoding on real memory beside C.</summary>
/// <param name="c">The C.</param>
/// <param name="pairs">Pairs of runs for each row.</param>
/// <param name="operations">Look-ups or publications in one run of a pair.</param>
/// <param name="warmUp">Off, the first runs are measured: enough to see that there is a row.</param>
internal sealed class WordsBench(CBaseline c, int pairs, long operations, bool warmUp = true)
{
    public const long FramesPerGiB = 1L << 18;
    public const long FramesPerTiB = FramesPerGiB << 10;

    /// <summary>More than this for the frames of one guest is not measured: the machine may not have it.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>Which physical pages an allocation gets decides a part of its cache misses, so several of each are
    /// tried.</summary>
    private const int Placements = 4;

    // Of the warm-up: at least so many, then until nothing was compiled in so many, but no more than so many.
    private const int FewestRounds = 4;
    private const int QuietRounds = 2;
    private const int MostRounds = 40;

    // Odd, so that it comes by every frame; about the golden section of 1 GiB, so that neighbours are far apart in
    // time.
    public const ulong Step = 0x278dd;
    public const ulong FramesOfALine = 512;

    /// <summary>Threads that look up where there are several.</summary>
    public static int Readers => Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Whether an encoding has words of its own to be measured; what catches missing pages below KVM has
    /// none.</summary>
    public static bool Has(Encoding encoding) => encoding.Regions.Count > 0;

    /// <summary>Whether its words for 1 TiB are measured.</summary>
    public static bool FitsLarge(Encoding encoding) =>
        NativeSubject.PerFrameBytes(encoding, FramesPerTiB) * Placements <= MostBytes;

    /// <summary>Every row of an encoding that has words.</summary>
    public IEnumerable<BenchRow> Run(Encoding encoding)
    {
        var name = encoding.Description.FullName;
        using var subject = NativeSubject.Create(encoding, FramesPerGiB);
        using var bitmap = new BaselineMemory(FramesPerGiB / 8);
        if (warmUp)
        {
            WarmUp(subject);
        }

        // The goals are about one bit per frame; more of them are beside the C loops for comparison only.
        double? goal = subject.Bytes == FramesPerGiB / 8 ? 1.2 : null;
        const ulong Mask = FramesPerGiB - 1;
        var turns = operations;

        yield return new(name, "look-up", "bit test", "ns", Measure(
            () => Pairs.Time(turns, () => subject.LookUp(Mask, Step, turns)),
            () => Pairs.Time(turns, () => c.LookUpInline(bitmap, Mask, Step, turns))), goal);
        yield return new(name, "look-up", "bit test, bounded", "ns", Measure(
            () => Pairs.Time(turns, () => subject.LookUp(Mask, Step, turns)),
            () => Pairs.Time(turns, () => c.LookUpBounded(bitmap, Mask, Step, turns))), goal);
        yield return new(name, "look-up", "bit test, called", "ns", Measure(
            () => Pairs.Time(turns, () => subject.LookUp(Mask, Step, turns)),
            () => Pairs.Time(turns, () => c.LookUpByCall(bitmap, Mask, Step, turns))), Goal: null);
        yield return new(name, "publish", "atomic and", "ns", Measure(
            () => Pairs.Time(turns, () => subject.Publish(Mask, Step, turns)),
            () => Pairs.Time(turns, () => c.Publish(bitmap, Mask, Step, turns))), goal);
        yield return new(name, "clear 1 GiB", "atomic ands", "us", Measure(
            () => Pairs.Time(1000, () => subject.Publish(Mask, 1, FramesPerGiB)),
            () => Pairs.Time(1000, () => c.Publish(bitmap, Mask, 1, FramesPerGiB))), Goal: null);
        foreach (var row in Contended(name, subject, bitmap))
        {
            yield return row;
        }

        yield return Arm(encoding, name, "arm 1 GiB", FramesPerGiB, repeat: 100, goal: 1 / 0.5);
        if (FitsLarge(encoding))
        {
            foreach (var row in LookUpAcross(encoding, name, goal))
            {
                yield return row;
            }

            yield return Arm(encoding, name, "arm 1 TiB", FramesPerTiB, repeat: 1, goal: 1 / 0.8);
        }
    }

    private IEnumerable<BenchRow> Contended(string name, NativeSubject subject, BaselineMemory bitmap)
    {
        foreach (var (where, mask) in new[] { ("whole guest", (ulong)FramesPerGiB - 1),
            ("one cache line", FramesOfALine - 1) })
        {
            yield return new(name, $"{Readers} look up, 1 publishes: {where}", "the same in C", "ns", Pairs.Measure(
                Math.Min(pairs, 101),
                () => Contention.Measure(Readers, operations, n => subject.LookUp(mask, Step, n),
                    n => subject.Publish(mask, Step, n)),
                () => Contention.Measure(Readers, operations, n => c.LookUpInline(bitmap, mask, Step, n),
                    n => c.Publish(bitmap, mask, Step, n))),
                Goal: null);
        }
    }

    /// <summary>Faults all over a guest whose words do not fit into the caches next to a core.</summary>
    private IEnumerable<BenchRow> LookUpAcross(Encoding encoding, string name, double? goal)
    {
        const ulong Mask = FramesPerTiB - 1;
        var turns = operations;
        var subjects = new List<NativeSubject>();
        var bitmaps = new List<BaselineMemory>();
        try
        {
            for (var i = 0; i < Placements; i++)
            {
                subjects.Add(NativeSubject.Create(encoding, FramesPerTiB));
                bitmaps.Add(new BaselineMemory(FramesPerTiB / 8));
            }

            yield return Beside("bit test", c.LookUpInline);
            yield return Beside("bit test, bounded", c.LookUpBounded);
        }
        finally
        {
            subjects.ForEach(s => s.Dispose());
            bitmaps.ForEach(b => b.Dispose());
        }

        BenchRow Beside(string baseline, Func<BaselineMemory, ulong, ulong, long, ulong> lookUp)
        {
            var (subjectRuns, baselineRuns) = (0, 0);
            return new(name, "look-up, 1 TiB", baseline, "ns", Measure(
                () => Pairs.Time(turns, () => subjects[subjectRuns++ % Placements].LookUp(Mask, Step, turns)),
                () => Pairs.Time(turns, () => lookUp(bitmaps[baselineRuns++ % Placements], Mask, Step, turns))), goal);
        }
    }

    private BenchRow Arm(Encoding encoding, string name, string what, long frames, int repeat, double goal)
    {
        using var subject = NativeSubject.Create(encoding, frames);
        using var bytes = new BaselineMemory(subject.Bytes);
        return new(name, $"{what} ({Size(subject.Bytes)})", "memset", "us", Measure(
            () => Pairs.Time(1000 * repeat, () => Repeat(repeat, subject.Arm)),
            () => Pairs.Time(1000 * repeat, () => Repeat(repeat, () => c.Fill(bytes, subject.Bytes)))), goal);
    }

    private Pairs Measure(Func<double> subject, Func<double> baseline)
    {
        subject();
        baseline();
        return Pairs.Measure(pairs, subject, baseline);
    }

    /// <summary>Runs the loops until the compiler has made its last copy of them.</summary>
    private static void WarmUp(NativeSubject subject)
    {
        var compiled = 0L;
        for (var (round, quiet) = (0, 0); round < FewestRounds || (quiet < QuietRounds && round < MostRounds); round++)
        {
            for (var i = 0; i < 100; i++)
            {
                subject.LookUp(FramesPerGiB - 1, Step, 1000);
                subject.Arm();
                subject.Publish(FramesPerGiB - 1, Step, 1000);
            }

            // Leaves every frame present, which is what is looked up later.
            subject.Publish(FramesPerGiB - 1, Step, FramesPerGiB);

            // Methods are compiled again in the background, a while after the last new one was met; on a busy machine,
            // a long while.
            Thread.Sleep(150);
            var now = JitInfo.GetCompiledMethodCount();
            quiet = now == compiled ? quiet + 1 : 0;
            compiled = now;
        }
    }

    private static void Repeat(int times, Action action)
    {
        for (; times > 0; times--)
        {
            action();
        }
    }

    private static string Size(long bytes) => bytes >= 1 << 20 ? $"{bytes >> 20} MiB" : $"{bytes >> 10} KiB";
}
