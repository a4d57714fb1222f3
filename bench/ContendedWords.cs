using BenchmarkDotNet.Attributes;
using UapiLab.Cli.Bench;

namespace UapiLab.Bench;

/// <summary>Threads that look up while one publishes, in the whole guest or within a cache line, beside the same in C.
/// The time includes the start of the threads, which is why each has so much to do.</summary>
[Config(typeof(Beside))]
public class ContendedWords
{
    private const int Turns = 2_000_000;

    private NativeSubject _subject = null!;
    private BaselineMemory _bitmap = null!;

    /// <summary>What there is to measure.</summary>
    public static IEnumerable<string> Encodings => Chosen.NamesWithWords;

    /// <summary>Encoding measured.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _subject = NativeSubject.Create(Chosen.Encoding(Encoding), WordsBench.FramesPerGiB);
        _bitmap = new BaselineMemory(WordsBench.FramesPerGiB / 8);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _subject.Dispose();
        _bitmap.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("contended: whole guest")]
    public double GuestInC() => InC(WordsBench.FramesPerGiB - 1);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("contended: whole guest")]
    public double Guest() => Encoded(WordsBench.FramesPerGiB - 1);

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("contended: one cache line")]
    public double LineInC() => InC(WordsBench.FramesOfALine - 1);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("contended: one cache line")]
    public double Line() => Encoded(WordsBench.FramesOfALine - 1);

    private double Encoded(ulong mask) => Contention.Measure(
        WordsBench.Readers, Turns, n => _subject.LookUp(mask, WordsBench.Step, n),
            n => _subject.Publish(mask, WordsBench.Step, n));

    private double InC(ulong mask) => Contention.Measure(
        WordsBench.Readers, Turns, n => Chosen.C.LookUpInline(_bitmap, mask, WordsBench.Step, n),
            n => Chosen.C.Publish(_bitmap, mask, WordsBench.Step, n));
}
