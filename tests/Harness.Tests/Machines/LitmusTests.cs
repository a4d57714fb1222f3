using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Tests;
using Xunit;
using static UapiLab.Abstractions.MemoryOrder;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>The litmus tests of docs/memory-orders.md: every outcome of a few threads on the machine's words, by
/// exploring every order of accesses, of buffered stores becoming visible, and of values a load may find.</summary>
public sealed class LitmusTests
{
    private const int X = 0, Y = 1, Z = 2;

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

    /// <summary>Dependencies, against what is published for ARMv8: each outcome is allowed or forbidden in the kinds of
    /// the catalogue that the file names.</summary>
    [Theory]
    [MemberData(nameof(Published))]
    public void Reaches_what_is_published_for_armv8(string name, bool allowed)
    {
        Assert.Equal(allowed, Reaches(name, MemoryOrdering.Weak));
        Assert.False(Reaches(name, MemoryOrdering.Sc));
    }

    public static TheoryData<string, bool> Published
    {
        get
        {
            var rows = File.ReadLines(Path.Combine(GeneratedDoc.Root(), "tests/data/litmus-aarch64.tsv"))
                .Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')).ToArray();
            Assert.All(rows, row => Assert.Contains(row[1], new[] { "Allowed", "Forbidden" }));
            return [.. rows.Select(row => new TheoryDataRow<string, bool>(row[0], row[1] == "Allowed"))];
        }
    }

    /// <summary>Each kind of dependency is what forbids an outcome: without it the outcome is reached.</summary>
    [Theory]
    [InlineData("MP+dmb.sy+addr", "MP+dmb.sy+po")]
    [InlineData("MP+dmb.sy+ctrlisb", "MP+dmb.sy+ctrl")]
    [InlineData("WRC+addrs", "WRC+data+po")]
    [InlineData("map+ctrl", "map")]
    public void Without_the_dependency_the_outcome_is_reached(string forbidden, string allowed)
    {
        Assert.False(Reaches(forbidden, MemoryOrdering.Weak));
        Assert.True(Reaches(allowed, MemoryOrdering.Weak));
        Assert.False(Reaches(allowed, MemoryOrdering.Tso));
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
            ["MP+dmb.sy+po"] = MpBarrier(R(Y), R(X)),
            ["MP+dmb.sy+addr"] = MpBarrier(R(Y), R(X, after: 0)),
            ["MP+dmb.sy+ctrl"] = MpBarrier(R(Y), R(X)), // a branch does not order loads
            ["MP+dmb.sy+ctrlisb"] = MpBarrier(R(Y), Isb(after: 0), R(X)),
            // Stores come after the loads before them in any case, since there is no load buffering.
            ["S+dmb.sy+ctrl"] = ([[W(X, 2), Barrier, W(Y, 1)], [R(Y), W(X, 1)]], (r, x, _) => r[1][0] == 1 && x == 2),
            ["S+dmb.sy+data"] = ([[W(X, 2), Barrier, W(Y, 1)], [R(Y), W(X, 1)]], (r, x, _) => r[1][0] == 1 && x == 2),
            ["WRC+addrs"] = Wrc(R(X, after: 0)),
            ["WRC+data+po"] = Wrc(R(X)),
            ["PPOCA"] = ([[W(Z, 1), Barrier, W(Y, 1)], [R(Y), W(X, 1), R(X), R(Z, after: 1)]],
                (r, _, _) => r[1][0] == 1 && r[1][1] == 1 && r[1][2] == 0),
            // KVM's check and the guest's access through the mapping that it decides on.
            ["map+ctrl"] = ([[Content, W(Y, 1, Release)], [Fault, R(Y), Map, R(Content)]],
                (r, _, _) => r[1][0] == 1 && r[1][1] == 0),
            ["map"] = ([[Content, W(Y, 1, Release)], [R(Y), Fault, Map, R(Content)]],
                (r, _, _) => r[1][0] == 1 && r[1][1] == 0),
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

    private static (Access[][], Func<ulong[][], ulong, ulong, bool>) MpBarrier(params Access[] reader) =>
        ([[W(X, 1), Barrier, W(Y, 1)], reader], (r, _, _) => r[1][0] == 1 && r[1][1] == 0);

    private static (Access[][], Func<ulong[][], ulong, ulong, bool>) Wrc(Access last) =>
        ([[W(X, 1)], [R(X), W(Y, 1)], [R(Y), last]], (r, _, _) => r[1][0] == 1 && r[2][0] == 1 && r[2][1] == 0);

    private static Access W(int word, ulong value, MemoryOrder order = Relaxed) => new('W', word, value, order);

    /// <param name="word">Which.</param>
    /// <param name="order">As declared.</param>
    /// <param name="after">Which of the thread's loads before it the address depends on.</param>
    private static Access R(int word, MemoryOrder order = Relaxed, int after = -1) => new('R', word, 0, order, after);

    private static Access R(Access content) => content with { Kind = 'G' };

    private static Access Isb(int after) => new('I', 0, 0, Relaxed, after);

    private static Access Content => new('C', 0, 0, Relaxed);

    private static Access Fault => new('B', 0, 0, Relaxed);

    private static Access Map => new('M', 0, 0, Relaxed);

    private static Access Xchg(int word, ulong value) => new('X', word, value, SequentiallyConsistent);

    private static Access Barrier => new('F', 0, 0, SequentiallyConsistent);

    private static bool Reaches(string name, MemoryOrdering ordering)
    {
        var (threads, outcome) = s_tests[name];
        using var world = new LitmusWorld(ordering, words: 3);
        var machine = world.Machine;
        var store = machine.Regions[0];
        var seen = new HashSet<string>();
        var reached = false;
        Explore(machine.Save(), new int[threads.Length], [.. threads.Select(_ => Array.Empty<ulong>())],
            [.. threads.Select(_ => Array.Empty<int>())]);
        return reached;

        void Explore(byte[] state, int[] at, ulong[][] read, int[][] stamps)
        {
            if (!seen.Add(Convert.ToHexString(state) + string.Join(',', at)
                + string.Join(';', read.Select(r => string.Join(',', r)))
                + string.Join(';', stamps.Select(s => string.Join(',', s)))))
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
                    Explore(machine.Save(), at, read, stamps);
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
                    var found = (int[][])stamps.Clone();
                    var after = access.After < 0 ? 0 : stamps[thread][access.After];
                    switch (access.Kind)
                    {
                        case 'W':
                            machine.SharedMemory.Store(thread, store, (ulong)access.Word, access.Value, access.Order);
                            break;
                        case 'R':
                            results[thread] =
                                [.. results[thread],
                                    machine.SharedMemory.Load(thread, store, (ulong)access.Word, access.Order,
                                        after)];
                            found[thread] = [.. found[thread], machine.SharedMemory.LastStamp];
                            break;
                        case 'I':
                            machine.SharedMemory.Isb(thread, after);
                            break;
                        case 'C':
                            machine.SharedMemory.SetContent(thread, 0, there: true);
                            break;
                        case 'B':
                            machine.SharedMemory.BeginFault(thread);
                            break;
                        case 'M':
                            machine.SharedMemory.OnMapped(thread, 0);
                            break;
                        case 'G':
                            results[thread] =
                                [.. results[thread], machine.SharedMemory.ContentIsThere(thread, 0) ? 1UL : 0];
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

                    Explore(machine.Save(), next, results, found);
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

    private sealed record Access(char Kind, int Word, ulong Value, MemoryOrder Order, int After = -1);
}
