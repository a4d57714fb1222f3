using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Simulation.Traces;

public sealed partial class ValgrindTests
{
    [Fact]
    public void A_program_recorded_just_now_reads_with_the_recorders_own_instruction_count()
    {
        Tool.Valgrind.Require();
        using var recording = new TemporaryFile("");
        string[] record = ["valgrind", "--tool=lackey", "--trace-mem=yes", "--basic-counts=yes",
            $"--log-file={recording.Path}", "/bin/true"];
        Assert.Equal(0, Tool.Run(Path.GetTempPath(), "", record).Exit);

        AccessTrace trace = TraceReader.Read(recording.Path, new TraceOptions());

        Match counted = GuestInstructions().Match(File.ReadAllText(recording.Path));
        Assert.True(counted.Success);
        long instructions = long.Parse(
            counted.Groups["count"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        VcpuTrace program = Assert.Single(trace.Vcpus);
        Assert.Equal(instructions, trace.Facts["instructions"]);
        Assert.Equal(instructions, program.Accesses.Sum(access => access.ThinkNs) + program.TailThinkNs);
        Assert.Equal(trace.GfnCount, program.Accesses.Select(access => access.Gfn).Distinct().Count());
        Assert.Equal(trace.GfnCount - 1, program.Accesses.Max(access => access.Gfn));
        Assert.InRange(trace.GfnCount, 20, 5000);
    }

    [GeneratedRegex(@"guest instrs:\s+(?<count>[\d,]+)")]
    private static partial Regex GuestInstructions();
}
