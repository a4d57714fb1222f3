using System.IO.Compression;
using System.Text;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>Whatever is in a file, reading it gives a trace or a <see cref="TraceFormatException"/>.</summary>
public sealed class BrokenTraceTests
{
    private const string Lackey =
        "==1== Lackey\nI  00004000,3\n L 00008ffe,8\n S 00008020,8\n M 0000a000,4\n==1== end\n";

    [Fact]
    public void An_empty_file_is_named()
    {
        Assert.EndsWith("but nothing is there", TraceData.Fails([]).Message, StringComparison.Ordinal);
        Assert.EndsWith("but nothing is there", TraceData.Fails(Packed.Gzip("")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_trace_errors()
    {
        foreach (string path in (string[])[Path.Combine(Path.GetTempPath(), "no such trace"), Path.GetTempPath(),
            "a\0b\n"])
        {
            var failure = Assert.Throws<TraceFormatException>(() => TraceReader.Read(path, new TraceOptions()));
            Assert.Equal(0, failure.Line);
            Assert.DoesNotContain(failure.Message, char.IsControl);
        }
    }

    [Theory]
    [InlineData("text of another kind\nand more\n", 1)]
    [InlineData("\n\n2026-01-01 12:00:00 a log\n", 3)]
    [InlineData("\0\u0001\u0002\u00ff\u00fe\n\n\n", 1)]
    [InlineData("# tracer: nop\n#\n", 1)]
    public void An_unknown_format_is_named_with_the_known_ones(string text, int line)
    {
        TraceFormatException failure = TraceData.Fails(Encoding.Latin1.GetBytes(text));

        Assert.Equal(line, failure.Line);
        Assert.Contains("lackey", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_without_a_page_fault_is_refused()
    {
        TraceFormatException failure =
            TraceData.Fails(" sh-1 [000] ..... 1.000000: kvm_entry: vcpu 0, rip 0x1\n"u8.ToArray());

        Assert.Contains("kvm_page_fault", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_line_is_refused()
    {
        Assert.Contains("65536 bytes", TraceData.Fails(new byte[1 << 20]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_data_cut_anywhere_is_noticed()
    {
        byte[] whole = Packed.Gzip(Lackey);
        for (int length = 2; length < whole.Length; length++)
        {
            TraceFormatException failure = TraceData.Fails(whole[..length]);
            Assert.Contains("cut off or damaged", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_large_gzip_file_cut_anywhere_near_its_end_or_in_its_middle_is_noticed()
    {
        byte[] whole = File.ReadAllBytes(TraceData.PathOf("postcopy/v2-lim32-np.dst.trace.txt.gz"));
        int[] lengths = [whole.Length / 2, whole.Length - 9, whole.Length - 8, whole.Length - 4, whole.Length - 1];
        foreach (int length in lengths)
        {
            Assert.Contains("cut off or damaged", TraceData.Fails(whole[..length]).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gzip_files_of_every_size_around_a_block_read_whole()
    {
        // Incompressible names make the packed size grow byte by byte past the sizes in which files are read.
        var random = new Random(1);
        var text = new StringBuilder(Lackey);
        int checkedSizes = 0;
        while (text.Length < 60_000)
        {
            text.Append("==1== ").Append(random.NextInt64().ToString("x16", null)).Append('\n');
            if (text.Length is > 10_000 and < 16_000)
            {
                using var file = new TemporaryFile(Packed.Gzip(text.ToString()));
                Assert.Equal(4, TraceReader.Read(file.Path, new TraceOptions()).GfnCount);
                checkedSizes++;
            }
        }

        Assert.True(checkedSizes > 100);
    }

    [Fact]
    public void Gzip_data_of_several_members_reads_whole()
    {
        byte[] first = Packed.Gzip(Lackey);
        using var file = new TemporaryFile([.. first, .. Packed.Gzip("I  0000f000,1\n")]);

        Assert.Equal(5, TraceReader.Read(file.Path, new TraceOptions()).GfnCount);
    }

    [Theory]
    [InlineData("kvm/k6.12-s4_2vcpu.trace.txt.gz")]
    [InlineData("kvm/k7.3-s4_2vcpu.trace.txt.gz")]
    [InlineData("userfault/uf-mt-u11_limit64.trace.txt.gz")]
    [InlineData("postcopy/v2-lim32-np.dst.trace.txt.gz")]
    [InlineData("postcopy/v2-lim32-np.src.trace.txt.gz")]
    public void Random_damage_to_a_recording_never_gives_another_exception(string recording)
    {
        byte[] packed = File.ReadAllBytes(TraceData.PathOf(recording));
        byte[] text = Packed.Unpack(TraceData.PathOf(recording));

        // Demands are what post-copy is about, and rare: damage what surrounds the first of them.
        text = recording.StartsWith("postcopy/", StringComparison.Ordinal) ? DemandsOnly(text) : text;
        Damage(text, seed: 7, rounds: 300);
        Damage(packed.Length < 100_000 ? packed : Packed.Gzip(Lackey), seed: 8, rounds: 100);
    }

    [Fact]
    public void Random_damage_to_a_lackey_trace_never_gives_another_exception()
    {
        Damage(Encoding.Latin1.GetBytes(Lackey), seed: 9, rounds: 2000);
        Damage(Packed.Gzip(Lackey), seed: 10, rounds: 500);
    }

    [Fact]
    public void Random_damage_to_a_source_log_never_gives_another_exception()
    {
        byte[] text = Packed.Unpack(TraceData.PathOf("postcopy/v2-lim32-np.src.trace.txt.gz"));
        byte[] demands = DemandsOnly(Packed.Unpack(TraceData.PathOf("postcopy/v2-lim32-np.dst.trace.txt.gz")));
        using var destination = new TemporaryFile(demands);
        Damage(text, seed: 11, rounds: 200,
            path => TraceReader.Read(destination.Path, new TraceOptions { SourceLog = path }));
    }

    private static byte[] DemandsOnly(byte[] text) =>
        Encoding.Latin1.GetBytes(
            string.Concat(
                Encoding.Latin1.GetString(text)
                    .Split('\n')
                    .Where(line => !line.Contains("postcopy_place_page", StringComparison.Ordinal))
                    .Select(line => line + "\n")));

    private static void Damage(byte[] content, int seed, int rounds, Action<string>? read = null)
    {
        var random = new Random(seed);
        using var file = new TemporaryFile(content);
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            File.WriteAllBytes(file.Path, Mutate(content, random));
            try
            {
                (read ?? (path => TraceReader.Read(path, new TraceOptions())))(file.Path);
            }
            catch (TraceFormatException failure)
            {
                refused++;
                Assert.DoesNotContain(failure.Message, char.IsControl);
                Assert.InRange(failure.Line, 1, content.Length + 1);
            }
        }

        Assert.InRange(refused, 1, rounds);
    }

    private static byte[] Mutate(byte[] content, Random random)
    {
        List<byte> mutated = [.. content];
        int changes = 1 + Below(random, 8);
        for (int i = 0; i < changes && mutated.Count > 0; i++)
        {
            int at = Below(random, mutated.Count);
            switch (Below(random, 6))
            {
                case 0:
                    mutated[at] = (byte)Below(random, 256);
                    break;
                case 1:
                    mutated[at] = (byte)('0' + Below(random, 10));
                    break;
                case 2:
                    mutated.RemoveAt(at);
                    break;
                case 3:
                    mutated.Insert(at, (byte)"09af \n@:[].,-x"[Below(random, 14)]);
                    break;
                case 4:
                    mutated.InsertRange(at, "99999999999999999999"u8.ToArray());
                    break;
                default:
                    mutated.RemoveRange(at, Math.Min(Below(random, 200), mutated.Count - at));
                    break;
            }
        }

        return [.. mutated];
    }

    private static int Below(Random random, int bound) => random.Next(bound);
}
