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

    private NativeSubject subject = null!;
    private BaselineMemory bitmap = null!;
    private BaselineMemory bytes = null!;

    /// <summary>What there is to measure.</summary>
    public static IEnumerable<string> Encodings => Chosen.NamesWithWords;

    /// <summary>Encoding measured.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        subject = NativeSubject.Create(Chosen.Encoding(Encoding), WordsBench.FramesPerGiB);
        bitmap = new BaselineMemory(WordsBench.FramesPerGiB / 8);
        bytes = new BaselineMemory(subject.Bytes);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        subject.Dispose();
        bitmap.Dispose();
        bytes.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("look-up")]
    public ulong LookUpInC() => Chosen.C.LookUpInline(bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up")]
    public ulong LookUpBoundedInC() => Chosen.C.LookUpBounded(bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("look-up")]
    public ulong LookUp() => subject.LookUp(Mask, WordsBench.Step, Turns);

    [Benchmark(Baseline = true, OperationsPerInvoke = Turns), BenchmarkCategory("publish")]
    public ulong PublishInC() => Chosen.C.Publish(bitmap, Mask, WordsBench.Step, Turns);

    [Benchmark(OperationsPerInvoke = Turns), BenchmarkCategory("publish")]
    public void Publish() => subject.Publish(Mask, WordsBench.Step, Turns);

    [Benchmark(Baseline = true), BenchmarkCategory("clear 1 GiB")]
    public ulong ClearInC() => Chosen.C.Publish(bitmap, Mask, 1, WordsBench.FramesPerGiB);

    [Benchmark, BenchmarkCategory("clear 1 GiB")]
    public void Clear() => subject.Publish(Mask, 1, WordsBench.FramesPerGiB);

    [Benchmark(Baseline = true, OperationsPerInvoke = Fills), BenchmarkCategory("arm 1 GiB")]
    public void ArmInC()
    {
        for (var i = 0; i < Fills; i++)
        {
            Chosen.C.Fill(bytes, subject.Bytes);
        }
    }

    [Benchmark(OperationsPerInvoke = Fills), BenchmarkCategory("arm 1 GiB")]
    public void Arm()
    {
        for (var i = 0; i < Fills; i++)
        {
            subject.Arm();
        }
    }
}
