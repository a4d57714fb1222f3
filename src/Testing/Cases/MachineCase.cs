using System.Globalization;
using System.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;

namespace UapiLab.Testing.Cases;

/// <summary>A small machine, the programs of its tasks, the answers of its environment and the schedule. Answers and
/// schedule are numbers taken modulo what there is; where they end, an answer is 0 and every actor has a
/// turn.</summary>
internal sealed record MachineCase(
    int Vcpus,
    int Gfns,
    int ApfLimit,
    bool Prefetches,
    int Rearms,
    int Allowances,
    IReadOnlyList<IReadOnlyList<GuestStep>> Programs,
    IReadOnlyList<int> Answers,
    IReadOnlyList<int> Schedule)
{
    public MachineConfig Shape(RuleSet broken) => new()
    {
        Vcpus = Vcpus,
        TasksPerVcpu = Programs.Count / Vcpus,
        Gfns = Gfns,
        ApfLimit = ApfLimit,
        TlbEntries = 4,
        PrefetchDepth = Prefetches ? 1 : 0,
        PredictedGfns = Gfns,
        Rearms = Rearms > 0,
        RearmRounds = Rearms,
        // With the vCPUs parked, whole rounds end; pages that go while the guest runs are every-interleaving-re-arm-….
        RearmBy = RearmWay.Memslot,
        FreePolicy = true,
        InstantDevice = true,
        Environment = new()
        {
            Signals = Allowances & 1,
            RefusedInjections = Allowances >> 1 & 1,
            FailedCopies = Allowances >> 2 & 1
        },
        Broken = broken,
    };

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"  {Vcpus} vCPUs, {Gfns} frames, queue limit {ApfLimit}, "
            + $"{(Prefetches ? "a prefetcher" : "no prefetcher")}, {Rearms} rounds of re-arming\n");
        text.Append(CultureInfo.InvariantCulture, $"  the environment may {((Allowances & 1) != 0
            ? "send a signal, " : "")}{((Allowances & 2) != 0
            ? "refuse an injection, " : "")}{((Allowances & 4) != 0
            ? "fail a copy, " : "")}and no more\n");
        for (var task = 0; task < Programs.Count; task++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  task {task} of vCPU {task / (Programs.Count / Vcpus)}: "
                + $"{string.Join("; ", Programs[task].Select(Words))}\n");
        }

        text.Append("  answers ").AppendJoin(' ', Answers).Append("\n  schedule ").AppendJoin(' ', Schedule)
            .Append('\n');
        return text.ToString();
    }

    private static string Words(GuestStep step) => step.Flags.HasFlag(GuestStepFlags.DisableApf)
        ? "disable APF"
        : Invariant($"{(step.Flags.HasFlag(GuestStepFlags.Write) ? "write" : "read")} gfn {step.Gfn}{(
            step.Flags.HasFlag(GuestStepFlags.Kernel) ? " in kernel mode" : "")}{(
            step.Flags.HasFlag(GuestStepFlags.InterruptsOff) ? " with interrupts off" : "")}");
}
