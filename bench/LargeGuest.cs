using BenchmarkDotNet.Attributes;
using UapiLab.Cli.Bench;

namespace UapiLab.Bench;

/// <summary>The words of 1 TiB, which no cache next to a core holds, beside the same in C.</summary>
[Config(typeof(Beside))]
public class LargeGuest
{
    private const int Turns = 100_000;
    private const ulong Mask = WordsBench.FramesPerTiB - 1;

    private NativeSubject _subject = null!;
    private BaselineMemory _bitmap = null!;
    private BaselineMemory _bytes = null!;

    /// <summary>What there is to measure.</summary>
    public static IEnumerable<string> Encodings =>
        Chosen.NamesWithWords.Where(n => WordsBench.FitsLarge(Chosen.Encoding(n)));

    /// <summary>Encoding measured.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _subject = NativeSubject.Create(Chosen.Encoding(Encoding), WordsBench.FramesPerTiB);
        _bitmap = new BaselineMemory(WordsBench.FramesPerTiB / 8);
        _bytes = new BaselineMemory(_subject.Bytes);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _subject.Dispose();
        _bitmap.Dispose();
        _bytes.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("look-up, 1 TiB")]
    public ulong LookUpInC() => Chosen.C.LookUpInline(_bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up, 1 TiB")]
    public ulong LookUpBoundedInC() => Chosen.C.LookUpBounded(_bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up, 1 TiB")]
    public ulong LookUp() => _subject.LookUp(Mask, WordsBench.Step, Turns);

    [Benchmark(Baseline = true), BenchmarkCategory("arm 1 TiB")]
    public ulong ArmInC() => Chosen.C.Fill(_bytes, _subject.Bytes);

    [Benchmark, BenchmarkCategory("arm 1 TiB")]
    public void Arm() => _subject.Arm();
}
