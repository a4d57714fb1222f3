using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using Xunit;
using static UapiLab.Abstractions.MemoryOrder;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>The litmus tests of docs/memory-orders.md: every outcome of a few threads on the machine's words, by
/// exploring every order of accesses, of buffered stores becoming visible, and of values a load may find.</summary>
public sealed class LitmusTests
{
    private const int X = 0, Y = 1;

    public static TheoryData<string, bool, bool> Table => new()
    {
        // name, allowed under tso, allowed under weak; sc allows none
        { "MP", false, true }, { "MP+rel", false, true }, { "MP+acq", false, true }, { "MP+rel+acq", false, false },
            { "MP+fences", false, false },
        { "SB", true, true }, { "SB+fences", false, false }, { "SB+xchg", false, false }, { "SB+rel+acq", true, false },
        { "LB", false, false }, { "S", false, true }, { "S+rel", false, false }, { "2+2W", false, true },
            { "2+2W+rel", false, false },
        { "R", true, true }, { "R+fences", false, false }, { "IRIW", false, true }, { "IRIW+acq", false, false },
            { "CoRR", false, false },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Reaches_the_outcome_only_where_it_may(string name, bool tso, bool weak)
    {
        Assert.False(Reaches(name, MemoryOrdering.Sc));
        Assert.Equal(tso, Reaches(name, MemoryOrdering.Tso));
        Assert.Equal(weak, Reaches(name, MemoryOrdering.Weak));
    }

    private static readonly Dictionary<string,
        (Access[][] Threads, Func<ulong[][], ulong, ulong, bool> Outcome)> s_tests = new()
        {
            ["MP"] = Mp(Relaxed, Relaxed),
            ["MP+rel"] = Mp(Release, Relaxed),
            ["MP+acq"] = Mp(Relaxed, Acquire),
            ["MP+rel+acq"] = Mp(Release, Acquire),
            ["MP+fences"] = ([[W(X, 1), Barrier, W(Y, 1)], [R(Y), Barrier, R(X)]], (r, _, _) => r[1][0] == 1
                && r[1][1] == 0),
            ["SB"] = ([[W(X, 1), R(Y)], [W(Y, 1), R(X)]], (r, _, _) => r[0][0] == 0 && r[1][0] == 0),
            ["SB+fences"] = ([[W(X, 1), Barrier, R(Y)], [W(Y, 1), Barrier, R(X)]], (r, _, _) => r[0][0] == 0
                && r[1][0] == 0),
            ["SB+xchg"] = ([[Xchg(X, 1), R(Y)], [Xchg(Y, 1), R(X)]], (r, _, _) => r[0][1] == 0 && r[1][1] == 0),
            ["SB+rel+acq"] = ([[W(X, 1, Release), R(Y, Acquire)], [W(Y, 1, Release), R(X, Acquire)]],
            (r, _, _) => r[0][0] == 0 && r[1][0] == 0),
            ["LB"] = ([[R(X), W(Y, 1)], [R(Y), W(X, 1)]], (r, _, _) => r[0][0] == 1 && r[1][0] == 1),
            ["S"] = ([[W(X, 2), W(Y, 1)], [R(Y), W(X, 1)]], (r, x, _) => r[1][0] == 1 && x == 2),
            ["S+rel"] = ([[W(X, 2), W(Y, 1, Release)], [R(Y), W(X, 1)]], (r, x, _) => r[1][0] == 1 && x == 2),
            ["2+2W"] = ([[W(X, 1), W(Y, 2)], [W(Y, 1), W(X, 2)]], (_, x, y) => x == 1 && y == 1),
            ["2+2W+rel"] = ([[W(X, 1), W(Y, 2, Release)], [W(Y, 1), W(X, 2, Release)]], (_, x, y) => x == 1 && y == 1),
            ["R"] = ([[W(X, 1), W(Y, 1)], [W(Y, 2), R(X)]], (r, _, y) => r[1][0] == 0 && y == 2),
            ["R+fences"] = ([[W(X, 1), Barrier, W(Y, 1)], [W(Y, 2), Barrier, R(X)]],
                (r, _, y) => r[1][0] == 0 && y == 2),
            ["IRIW"] = Iriw(Relaxed),
            ["IRIW+acq"] = Iriw(Acquire),
            ["CoRR"] = ([[W(X, 1)], [R(X), R(X)]], (r, _, _) => r[1][0] == 1 && r[1][1] == 0),
        };

    private static (Access[][], Func<ulong[][], ulong, ulong, bool>) Mp(MemoryOrder store, MemoryOrder load) =>
        ([[W(X, 1), W(Y, 1, store)], [R(Y, load), R(X)]], (r, _, _) => r[1][0] == 1 && r[1][1] == 0);

    private static (Access[][], Func<ulong[][], ulong, ulong, bool>) Iriw(MemoryOrder load) =>
        ([[W(X, 1)], [W(Y, 1)], [R(X, load), R(Y, load)], [R(Y, load), R(X, load)]],
            (r, _, _) => r[2][0] == 1 && r[2][1] == 0 && r[3][0] == 1 && r[3][1] == 0);

    private static Access W(int word, ulong value, MemoryOrder order = Relaxed) => new('W', word, value, order);

    private static Access R(int word, MemoryOrder order = Relaxed) => new('R', word, 0, order);

    private static Access Xchg(int word, ulong value) => new('X', word, value, SequentiallyConsistent);

    private static Access Barrier => new('F', 0, 0, SequentiallyConsistent);

    private static bool Reaches(string name, MemoryOrdering ordering)
    {
        var (threads, outcome) = s_tests[name];
        using var world = new World(ordering);
        var machine = world.Machine;
        var store = machine.Regions[0];
        var seen = new HashSet<string>();
        var reached = false;
        Explore(machine.Save(), new int[threads.Length], [.. threads.Select(_ => Array.Empty<ulong>())]);
        return reached;

        void Explore(byte[] state, int[] at, ulong[][] read)
        {
            if (!seen.Add(Convert.ToHexString(state) + string.Join(',', at)
                + string.Join(';', read.Select(r => string.Join(',', r)))))
            {
                return;
            }

            var moved = false;
            for (var thread = 0; thread < threads.Length; thread++)
            {
                machine.Restore(state);
                for (var which = machine.SharedMemory.Committable(thread) - 1; which >= 0; which--)
                {
                    moved = true;
                    machine.Restore(state);
                    machine.SharedMemory.Commit(thread, which);
                    Explore(machine.Save(), at, read);
                }

                if (at[thread] == threads[thread].Length)
                {
                    continue;
                }

                moved = true;
                var next = (int[])at.Clone();
                var access = threads[thread][next[thread]++];
                for (var older = 0; ; older++)
                {
                    machine.Restore(state);
                    world.Older = older;
                    world.Choices = 1;
                    var results = (ulong[][])read.Clone();
                    switch (access.Kind)
                    {
                        case 'W':
                            machine.SharedMemory.Store(thread, store, (ulong)access.Word, access.Value, access.Order);
                            break;
                        case 'R':
                            results[thread] =
                                [.. results[thread],
                                    machine.SharedMemory.Load(thread, store, (ulong)access.Word, access.Order)];
                            break;
                        case 'X':
                            results[thread] =
                                [.. results[thread],
                                    machine.SharedMemory.Modify(thread, store, (ulong)access.Word, access.Order,
                                    new(AtomicOpKind.Exchange, access.Value, 0))];
                            break;
                        default:
                            machine.SharedMemory.Fence(thread);
                            break;
                    }

                    Explore(machine.Save(), next, results);
                    if (older + 1 >= world.Choices)
                    {
                        break;
                    }
                }
            }

            if (!moved)
            {
                machine.Restore(state);
                reached |= outcome(read, machine.ReadRegion(0, X), machine.ReadRegion(0, Y));
            }
        }
    }

    private sealed record Access(char Kind, int Word, ulong Value, MemoryOrder Order);

    /// <summary>A machine with two words, whose loads find the value the test asks for.</summary>
    private sealed class World : IGuestProgram, IChoices, IDriver, IMachineObserver, IDisposable
    {
        public World(MemoryOrdering ordering)
        {
            var clock = new StepClock();
            Machine = new Machine(new MachineConfig
            {
                Vcpus = 4,
                TasksPerVcpu = 1,
                Gfns = 1,
                ApfLimit = 1,
                Order = ordering
            }, new TwoWords(), this, this, this, this, clock);
        }

        public Machine Machine { get; }
        public int Older { get; set; }
        public int Choices { get; set; }

        public int Choose(ChoiceKind kind, ulong key, int n)
        {
            if (kind != ChoiceKind.ReadFrom)
            {
                return 0;
            }

            Choices = n;
            return Math.Min(Older, n - 1);
        }

        public void Dispose() => Machine.Dispose();

        public bool TryStep(int task, long index, out GuestStep step)
        {
            step = default;
            return false;
        }

        public void On(in MachineEvent e) { }
    }

    private sealed class TwoWords : Encoding
    {
        public override EncodingDescription Description { get; } =
            new() { Id = "two-words", FullName = "two-words", Summary = "x and y", Origin = "test", BitsPerGfn = 1 };
        public override IReadOnlyList<RegionSpec> Regions { get; } =
            [new("words", RegionOwner.Shared, RegionScope.PerVm, 64, 2, "x, y")];
        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>();
        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>();

        private sealed class Kvm<TKvm> : IKvmHalf<TKvm> where TKvm : struct, IKvm
        {
            public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;
        }

        private sealed class Vmm<TVmm> : IVmmHalf<TVmm> where TVmm : struct, IVmm
        {
            public void OnArm(TVmm vmm, ArmRequest request) { }
            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;
            public void OnContentArrived(TVmm vmm, Gfn gfn) { }
        }
    }
}
