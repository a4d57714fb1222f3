using BenchmarkDotNet.Attributes;
using UapiLab.Cli.Bench;

namespace UapiLab.Bench;

/// <summary>The words of 1 TiB, which no cache next to a core holds, beside the same in C.</summary>
[Config(typeof(Beside))]
public class LargeGuest
{
    private const int Turns = 100_000;
    private const ulong Mask = WordsBench.FramesPerTiB - 1;

    private NativeSubject subject = null!;
    private BaselineMemory bitmap = null!;
    private BaselineMemory bytes = null!;

    /// <summary>What there is to measure.</summary>
    public static IEnumerable<string> Encodings => Chosen.NamesWithWords.Where(n => WordsBench.FitsLarge(Chosen.Encoding(n)));

    /// <summary>Encoding measured.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        subject = NativeSubject.Create(Chosen.Encoding(Encoding), WordsBench.FramesPerTiB);
        bitmap = new BaselineMemory(WordsBench.FramesPerTiB / 8);
        bytes = new BaselineMemory(subject.Bytes);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        subject.Dispose();
        bitmap.Dispose();
        bytes.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("look-up, 1 TiB")]
    public ulong LookUpInC() => Chosen.C.LookUpInline(bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up, 1 TiB")]
    public ulong LookUpBoundedInC() => Chosen.C.LookUpBounded(bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up, 1 TiB")]
    public ulong LookUp() => subject.LookUp(Mask, WordsBench.Step, Turns);

    [Benchmark(Baseline = true), BenchmarkCategory("arm 1 TiB")]
    public ulong ArmInC() => Chosen.C.Fill(bytes, subject.Bytes);

    [Benchmark, BenchmarkCategory("arm 1 TiB")]
    public void Arm() => subject.Arm();
}
