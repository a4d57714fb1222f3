using System.Runtime.InteropServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Testing.Threads;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>Real threads on real memory see some of what the checker says can happen, and nothing else.</summary>
internal sealed class SurvivesRealThreads : ConformanceProperty
{
    private const long StatesToCompareWith = 400_000;

    public override string Name => "survives-real-threads";

    public override string Doc =>
        "Two vCPU threads and an I/O thread on native memory break no rule, and show nothing that the checker finds "
            + "impossible on the same machine.";

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var broken = BreachOf(() => RunRounds(encoding, settings, seen));
        if (broken is
            {
                Rule: not (Breaches.LostWakeup or Breaches.UnpopulatedRead or Breaches.UnmatchedReady
            or Breaches.Livelock)
            })
        {
            return Failure(broken);
        }

        SearchResult? possible = null;
        var refused =
            BreachOf(() => possible =
                Checker.Run(encoding, SameMachine,
                    new()
                    {
                        MaxStates = Math.Min(StatesToCompareWith, settings.MaxStates),
                        StopAtFirst = false,
                        Threads = settings.Threads,
                        Liveness = broken?.Rule == Breaches.Livelock,
                        Stop = settings.GetsOn,
                    }).Result);
        if (possible is null)
        {
            return Failure(broken ?? refused);
        }

        if (broken is not null)
        {
            var opinion = Allows(possible, broken.Rule) ? "the checker finds it too"
                : "and the checker says it is impossible";
            return Failure(new ContractBreach(broken.Rule, $"{TextOf(broken)} ({opinion})"));
        }

        var impossible = seen.FirstOrDefault(name => !Allows(possible, name));
        return impossible is null ? null
            : Failure(new ContractBreach(Breaches.Impossible,
            $"real threads show {impossible}, which the checker never sees"));
    }

    /// <summary>The order is that of the processor at hand: store buffers on x86, anything elsewhere.</summary>
    private static CheckInstance SameMachine => new()
    {
        Name = "threads",
        Vcpus = ThreadedRun.Vcpus,
        Gfns = ThreadedRun.Gfns,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        Order = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? MemoryOrdering.Tso
            : MemoryOrdering.Weak,
    };

    private static bool Allows(SearchResult possible, string name) =>
        possible.Properties.Single(p => p.Property.Name == name).Verdict is PropertyVerdict.Seen
            or PropertyVerdict.Broken or PropertyVerdict.NotDecided;

    private static void RunRounds(Encoding encoding, ConformanceSettings settings, SortedSet<string> seen)
    {
        using var team = new Team(ThreadedRun.Vcpus + 1);
        for (var round = 0; round < settings.Rounds; round++)
        {
            settings.Progress?.Invoke();
            using var run = new ThreadedRun(encoding, settings.Seed + ((ulong)round << 8), isHostile: false);
            run.Run(team.Run);
            seen.UnionWith(run.Seen);
        }
    }
}
