using UapiLab.Cli.Bench;
using UapiLab.Encodings;
using UapiLab.Harness.Registry;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>That both sides of a ratio do the same work; how long it takes is not tested.</summary>
public sealed class BenchTests
{
    private const long Frames = 1 << 12;
    private const ulong Mask = Frames - 1;
    private const ulong Step = 0x5d3;

    public static TheoryData<string> Families =>
        new(BuiltInEncodings.All.Select(f => f.Id)
            .Where(id => new EncodingRegistry(BuiltInEncodings.All).Resolve(id).Regions.Count > 0));

    [Theory]
    [MemberData(nameof(Families))]
    public void The_loops_see_every_frame_armed_and_every_frame_published(string id)
    {
        using var subject = NativeSubject.Create(new EncodingRegistry(BuiltInEncodings.All).Resolve(id), Frames);

        Assert.Equal(0UL, subject.LookUp(Mask, Step, Frames));
        subject.Arm();
        Assert.Equal((ulong)Frames, subject.LookUp(Mask, Step, Frames));
        subject.Publish(Mask, Step, Frames - 1);
        Assert.Equal(1UL, subject.LookUp(Mask, Step, Frames));
        subject.Publish(Mask, Step, Frames);
        Assert.Equal(0UL, subject.LookUp(Mask, Step, Frames));
    }

    [Fact]
    public void The_loops_in_C_do_the_same()
    {
        using var c = CompileOrSkip();
        using var bitmap = new BaselineMemory(Frames / 8);

        Assert.Equal(0UL, c.LookUpInline(bitmap, Mask, Step, Frames));
        c.Fill(bitmap, Frames / 8);
        Assert.Equal((ulong)Frames, c.LookUpInline(bitmap, Mask, Step, Frames));
        Assert.Equal((ulong)Frames, c.LookUpBounded(bitmap, Mask, Step, Frames));
        Assert.Equal((ulong)Frames, c.LookUpByCall(bitmap, Mask, Step, Frames));
        c.Publish(bitmap, Mask, Step, Frames - 1);
        Assert.Equal(1UL, c.LookUpInline(bitmap, Mask, Step, Frames));
        Assert.Equal(1UL, c.LookUpBounded(bitmap, Mask, Step, Frames));
        Assert.Equal(1UL, c.LookUpByCall(bitmap, Mask, Step, Frames));
    }

    [Fact]
    public void Pairs_are_run_in_turns_and_their_ratios_are_taken_pair_by_pair()
    {
        var order = "";
        var load = new Queue<double>([1, 1, 10, 10, 2, 2]);

        var pairs = Pairs.Measure(3, () => Ran("A", 3), () => Ran("B", 1));

        Assert.Equal("ABABAB", order);
        Assert.Equal(3, pairs.Ratio);
        Assert.Equal(3, pairs.High);
        Assert.Equal(6, pairs.Subject);
        Assert.Equal(2, pairs.Baseline);

        double Ran(string which, double cost)
        {
            order += which;
            return cost * load.Dequeue();
        }
    }

    [Fact]
    public void Readers_do_all_their_look_ups_while_one_thread_publishes()
    {
        var lookedUp = 0L;
        var published = 0L;

        Contention.Measure(2, 1000, n => Interlocked.Add(ref lookedUp, n), n => Interlocked.Add(ref published, n));

        Assert.Equal(2000, lookedUp);
        Assert.Equal(0, published % 64);
    }

    private static CBaseline CompileOrSkip()
    {
        Tool.CLibrary.Require();
        return CBaseline.Compile("gcc");
    }
}
