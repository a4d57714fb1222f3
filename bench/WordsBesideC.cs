using BenchmarkDotNet.Attributes;
using UapiLab.Cli.Bench;

namespace UapiLab.Bench;

/// <summary>The words of an encoding on real memory, one thread, beside the same in C.</summary>
[Config(typeof(Beside))]
public class WordsBesideC
{
    private const int Turns = 100_000;
    private const int Fills = 100;
    private const ulong Mask = WordsBench.FramesPerGiB - 1;

    private NativeSubject _subject = null!;
    private BaselineMemory _bitmap = null!;
    private BaselineMemory _bytes = null!;

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
        _bytes = new BaselineMemory(_subject.Bytes);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _subject.Dispose();
        _bitmap.Dispose();
        _bytes.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("look-up")]
    public ulong LookUpInC() => Chosen.C.LookUpInline(_bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up")]
    public ulong LookUpBoundedInC() => Chosen.C.LookUpBounded(_bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up")]
    public ulong LookUp() => _subject.LookUp(Mask, WordsBench.Step, Turns);

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("publish")]
    public ulong PublishInC() => Chosen.C.Publish(_bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("publish")]
    public void Publish() => _subject.Publish(Mask, WordsBench.Step, Turns);

    [Benchmark(Baseline = true), BenchmarkCategory("clear 1 GiB")]
    public ulong ClearInC() => Chosen.C.Publish(_bitmap, Mask, 1, WordsBench.FramesPerGiB);

    [Benchmark, BenchmarkCategory("clear 1 GiB")]
    public void Clear() => _subject.Publish(Mask, 1, WordsBench.FramesPerGiB);

    [Benchmark(Baseline = true, OperationsPerInvoke = Fills), BenchmarkCategory("arm 1 GiB")]
    public void ArmInC()
    {
        for (var i = 0; i < Fills; i++)
        {
            Chosen.C.Fill(_bytes, _subject.Bytes);
        }
    }

    [Benchmark(OperationsPerInvoke = Fills), BenchmarkCategory("arm 1 GiB")]
    public void Arm()
    {
        for (var i = 0; i < Fills; i++)
        {
            _subject.Arm();
        }
    }
}
