using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Traces;
using Process = System.Diagnostics.Process;

namespace UapiLab.Harness.Tests.Traces;

public sealed partial class ValgrindTests
{
    private const string Program = "/bin/true";

    [Fact]
    public void A_program_recorded_just_now_reads_with_the_recorders_own_instruction_count()
    {
        Assert.SkipUnless(File.Exists(Program), $"There is no {Program} to record.");
        using var recording = new TemporaryFile("");
        Assert.SkipUnless(TryRecord(recording.Path, out string reason), reason);

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

    private static bool TryRecord(string output, out string reason)
    {
        try
        {
            using Process recorder = Process.Start(
                "valgrind", ["--tool=lackey", "--trace-mem=yes", "--basic-counts=yes", $"--log-file={output}", Program]);
            recorder.WaitForExit();
            reason = $"valgrind ended with exit code {recorder.ExitCode}.";
            return recorder.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            reason = "valgrind is not installed.";
            return false;
        }
    }

    [GeneratedRegex(@"guest instrs:\s+(?<count>[\d,]+)")]
    private static partial Regex GuestInstructions();
}
