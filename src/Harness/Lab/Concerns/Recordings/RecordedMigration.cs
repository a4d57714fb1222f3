using System.Globalization;
using System.Text;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab.Concerns.Recordings;

/// <summary>The demand faults of a recorded post-copy migration of QEMU, as they are in
/// <c>tests/data/traces/postcopy</c>: 450 KB of log come down to a line for each fault, which the assembly carries, so
/// that a concern finds them wherever the tool runs.</summary>
internal static class RecordedMigration
{
    /// <summary>Where the log is, below the root of the repository.</summary>
    public const string Log = "tests/data/traces/postcopy/v2-lim32-np.dst.trace.txt.gz";

    /// <summary>Where the lines are, below the root of the repository.</summary>
    public const string File = "src/Harness/Lab/Concerns/Recordings/v2-lim32-np.accesses.txt";

    private const string Head = "# Demand faults of " + Log + ", written from it by RecordedMigrationTests.\n"
        + "# vCPU, ns of computing before, page, ns until it came, i: on its way already. Or: vCPU, ns to the end.\n";

    private const int AccessFields = 5;

    private static readonly Lazy<AccessTrace> s_trace = new(() => Read(Resource()));

    /// <summary>The faults, as <c>compare --trace</c> takes them from the log.</summary>
    public static AccessTrace Trace => s_trace.Value;

    /// <summary>The workload that <c>compare --trace</c> makes of the log, with every option at its default.</summary>
    public static PlannedWorkload Plan()
    {
        var options = new TraceWorkloadOptions();
        var workload = new TraceWorkload(Trace, options);
        return new(workload.Name, workload, null, options.PredictPermille / 1_000m, []);
    }

    /// <summary>The lines of a trace.</summary>
    public static string Write(AccessTrace trace)
    {
        var text = new StringBuilder(Head);
        for (var vcpu = 0; vcpu < trace.Vcpus.Count; vcpu++)
        {
            foreach (var access in trace.Vcpus[vcpu].Accesses)
            {
                var mark = access.Flags == TraceAccessFlags.InFlight ? "i" : "-";
                text.Append(Invariant($"{vcpu} {access.ThinkNs} {access.Gfn} {access.ArrivalNs} {mark}\n"));
            }

            text.Append(Invariant($"{vcpu} {trace.Vcpus[vcpu].TailThinkNs}\n"));
        }

        return text.ToString();
    }

    private static AccessTrace Read(string text)
    {
        var vcpus = new List<VcpuTrace>();
        var accesses = new List<TraceAccess>();
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var fields = line.Split(' ');
            if (fields.Length == AccessFields)
            {
                accesses.Add(new(Number(fields[1]), Number(fields[2]),
                    fields[4] == "i" ? TraceAccessFlags.InFlight : TraceAccessFlags.None, Number(fields[3])));
            }
            else
            {
                vcpus.Add(new(Invariant($"vcpu {vcpus.Count}"), [.. accesses], Number(fields[1])));
                accesses.Clear();
            }
        }

        var pages = vcpus.SelectMany(vcpu => vcpu.Accesses).Max(access => access.Gfn) + 1;
        return new(Path.GetFileName(Log), "postcopy", vcpus, pages, [], new Dictionary<string, long>());
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);

    private static string Resource()
    {
        using var stream = typeof(RecordedMigration).Assembly.GetManifestResourceStream(Path.GetFileName(File))!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
