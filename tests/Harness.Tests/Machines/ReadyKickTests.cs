using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Tests;
using Xunit;
using static UapiLab.Abstractions.MemoryOrder;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>KVM's own words of rule A7, which the machine takes as exact: pageready_pending, the request and whether
/// the list of completed APFs is empty. A completion appends, makes the request and kicks unless an ACK is due; the ACK
/// clears pageready_pending and looks at the list; each guest entry looks at the request. A completion is lost if it
/// is on the list, no kick comes, and the vCPU is in the guest.</summary>
public sealed class ReadyKickTests
{
    private const int Request = 0, Pending = 1, Done = 2, Kicked = 3;

    public static TheoryData<string, bool> Table => new()
    {
        { "as since 68c35f89d016", false },
        { "as before 68c35f89d016", false },
        { "request made by a plain store", true },
        { "guest entry without its barrier", true },
        { "ACK looks before it clears", false },
        { "ACK looks before it clears, request made by a plain store", true },
        { "ACK does not look, completion makes no request", true },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Loses_a_completion_only_where_it_may(string code, bool lost)
    {
        Assert.Equal(lost, IsLost(code, MemoryOrdering.Tso));
        // Stores that wait are what loses it; only where nobody looks is it lost in any order.
        Assert.Equal(lost && code.Contains("does not look", StringComparison.Ordinal),
            IsLost(code, MemoryOrdering.Sc));
    }

    [Fact]
    public void The_table_is_that_of_the_page() => GeneratedDoc.Check("docs/memory-orders.md", "ready-kick",
        Table.Select(row => $"| {row.Data.Item1} | {(IsLost(row.Data.Item1, MemoryOrdering.Sc) ? "lost" : "no")} "
            + $"| {(IsLost(row.Data.Item1, MemoryOrdering.Tso) ? "lost" : "no")} |"));

    private static bool IsLost(string code, MemoryOrdering ordering)
    {
        var locked = !code.Contains("plain store", StringComparison.Ordinal);
        var request = !code.Contains("makes no request", StringComparison.Ordinal);
        var looks = !code.Contains("does not look", StringComparison.Ordinal);
        var since = code.StartsWith("as since", StringComparison.Ordinal);
        Step clears = new(Kind.Store, Pending, 0, since ? SequentiallyConsistent : Relaxed);
        Step[] look = looks ? [new(Kind.LeaveIf, Done, 1, Relaxed)] : [];
        Step[] acknowledges = code.Contains("looks before", StringComparison.Ordinal) ? [.. look, clears]
            : [clears, .. look];
        Step[] enters =
        [
            .. code.Contains("without its barrier", StringComparison.Ordinal) ? [] : new Step[] { new(Kind.Fence) },
            new(Kind.LeaveUnless, Request, 1, Relaxed),
            new(Kind.Modify, Request, 0),
            new(Kind.LeaveIf, Done, 1, Relaxed),
        ];
        Step[] completes =
        [
            new(Kind.Store, Done, 1, Relaxed),
            .. request ? [new Step(locked ? Kind.Modify : Kind.Store, Request, 1, Relaxed)] : Array.Empty<Step>(),
            .. since ? [new(Kind.Fence)] : Array.Empty<Step>(),
            new(Kind.LeaveIf, Pending, 1, Relaxed),
            new(Kind.Modify, Kicked, 1),
        ];
        return WordPrograms.Reaches(ordering, [[.. acknowledges, .. enters], completes],
            start => start.Write(Pending, 1),
            // The vCPU took the completion if it left on seeing it.
            end => end.Left(0) != Done && end.Word(Kicked) == 0);
    }

    private enum Kind
    {
        Store, Modify, Fence, LeaveIf, LeaveUnless,
    }

    /// <param name="Kind">What it does.</param>
    /// <param name="Word">To which word.</param>
    /// <param name="Value">Stored, or compared with.</param>
    /// <param name="Order">As declared.</param>
    private sealed record Step(Kind Kind, int Word = 0, ulong Value = 0, MemoryOrder Order = SequentiallyConsistent);

    /// <summary>Explores all orders in which a few threads run such steps.</summary>
    private static class WordPrograms
    {
        public static bool Reaches(MemoryOrdering ordering, Step[][] threads, Action<Words> start,
            Func<Words, bool> end)
        {
            using var world = new LitmusWorld(ordering, words: 4);
            var machine = world.Machine;
            start(new(machine, []));
            var seen = new HashSet<string>();
            var reached = false;
            // Where each thread is, and the word on which it left, or -1.
            Explore(machine.Save(), new int[threads.Length], [.. threads.Select(_ => -1)]);
            return reached;

            void Explore(byte[] state, int[] at, int[] left)
            {
                if (!seen.Add($"{Convert.ToHexString(state)} {string.Join(',', at)} {string.Join(',', left)}"))
                {
                    return;
                }

                var moved = false;
                for (var thread = 0; thread < threads.Length; thread++)
                {
                    machine.Restore(state);
                    if (machine.SharedMemory.Committable(thread) > 0)
                    {
                        moved = true;
                        machine.SharedMemory.Commit(thread, 0);
                        Explore(machine.Save(), at, left);
                        machine.Restore(state);
                    }

                    if (at[thread] < threads[thread].Length)
                    {
                        moved = true;
                        var (next, leaves) = ((int[])at.Clone(), (int[])left.Clone());
                        var step = threads[thread][next[thread]++];
                        if (Run(machine, thread, step))
                        {
                            (next[thread], leaves[thread]) = (threads[thread].Length, step.Word);
                        }

                        Explore(machine.Save(), next, leaves);
                    }
                }

                if (!moved)
                {
                    machine.Restore(state);
                    reached |= end(new(machine, left));
                }
            }
        }

        private static bool Run(Machine machine, int thread, Step step)
        {
            var (memory, store, word) = (machine.SharedMemory, machine.Regions[0], (ulong)step.Word);
            switch (step.Kind)
            {
                case Kind.Store:
                    memory.Store(thread, store, word, step.Value, step.Order);
                    return false;
                case Kind.Modify:
                    memory.Modify(thread, store, word, step.Order, new(AtomicOpKind.Exchange, step.Value, 0));
                    return false;
                case Kind.Fence:
                    memory.Fence(thread);
                    return false;
                default:
                    return memory.Load(thread, store, word, step.Order) == step.Value == (step.Kind == Kind.LeaveIf);
            }
        }
    }

    private sealed class Words(Machine machine, int[] left)
    {
        public ulong Word(int word) => machine.ReadRegion(0, (ulong)word);

        public int Left(int thread) => left[thread];

        public void Write(int word, ulong value) => machine.Regions[0].Write((ulong)word, value);
    }
}
