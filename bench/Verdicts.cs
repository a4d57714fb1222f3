using System.Diagnostics;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.TestKit.Broken;

namespace UapiLab.Bench;

/// <summary>
/// What this checker says of cases that SPIN decides too: bench/spin/verdicts.sh. A line of standard input is a case: a
/// name, an encoding or a seeded one, an instance, and rules of the machine that are broken (<c>-</c> = none). A line
/// of output is name, key and value, separated by tabs: <c>flags</c> is the instance for bench/spin/encodings.pml,
/// <c>states</c> and <c>seconds</c> are of the search, the rest are properties.
/// </summary>
internal static class Verdicts
{
    /// <summary>Passes a search that would not end; every case is far below it.</summary>
    private const long MaxStates = 5_000_000;

    public static int Run(TextReader cases)
    {
        var encodings = new EncodingRegistry(
            new[] { BuiltInEncodings.All, BrokenEncodings.Controls, SeededDefects.All.Where(d => d.Control is not null)
                .Select(d => d.Family) }.SelectMany(f => f).DistinctBy(f => f.Id));
        while (cases.ReadLine() is { } line)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var encoding, var instance,
                var rules])
            {
                throw new InputException(line, "expected NAME ENCODING INSTANCE RULES, or - for no rules");
            }

            Tell(name, encodings.Resolve(encoding),
                CheckInstance.Resolve(instance) with { Broken = RuleSet.Parse(rules == "-" ? null : rules) });
        }

        return 0;
    }

    private static void Tell(string name, Abstractions.Encoding encoding, CheckInstance instance)
    {
        Print(name, "flags", string.Join(' ', Flags(instance).Select(f => "-D" + f)));
        var watch = Stopwatch.StartNew();
        var result = Checker.Run(encoding, instance,
            new() { StopAtFirst = false, Liveness = true, MaxStates = MaxStates }).Result;
        Print(name, "seconds", Invariant($"{watch.Elapsed.TotalSeconds:F2}"));
        Print(name, "states", Invariant($"{result.States}"));
        foreach (var property in result.Properties)
        {
            Print(name, property.Property.Name, property.Verdict.ToString());
        }
    }

    /// <summary>The instance as the model's macros say it; what the model has not is refused.</summary>
    private static IEnumerable<string> Flags(CheckInstance instance)
    {
        var budget = instance.Environment;
        if (instance is not { Vcpus: 1, Gfns: 1, IoThreads: 1, ApfLimit: 2, TasksPerVcpu: 1 or 2, Rearms: 0 or 1 }
            || budget is not { HostileActs: 0, Resets: 0, DroppedEvents: 0, Prefaults: 0, KvmWrites: 0 }
            || instance.Modes.Any(m => !s_modes.ContainsKey(m)) || instance.Restores is not null)
        {
            throw new InputException("instance " + instance.Name,
                "expected one that bench/spin/encodings.pml has: 1 vCPU, 1 frame");
        }

        yield return Invariant($"TASKS={instance.TasksPerVcpu}");
        yield return Invariant($"SIGNALS={budget.Signals}");
        yield return Invariant($"REFUSALS={budget.RefusedInjections}");
        yield return Invariant($"COPIES={budget.FailedCopies}");
        yield return Invariant($"CARELESS={budget.CarelessReentries}");
        yield return Invariant($"REPEATS={budget.RepeatedIoctls}");
        if (instance.Prefetcher)
        {
            yield return "PREFETCH";
        }

        if (instance.Rearms > 0)
        {
            yield return "REARM";
        }

        foreach (var mode in instance.Modes.Select(m => s_modes[m]).Where(m => m.Length > 0))
        {
            yield return mode;
        }
    }

    private static readonly Dictionary<GuestStepFlags, string> s_modes = new()
    {
        [GuestStepFlags.None] = "",
        [GuestStepFlags.Kernel] = "KERNEL",
        [GuestStepFlags.InterruptsOff] = "IF0",
        [GuestStepFlags.DisableApf] = "TEARDOWN",
    };

    private static void Print(string name, string key, string value) => Console.WriteLine($"{name}\t{key}\t{value}");
}
