using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>
/// The proof that a plain C# method can be stopped at any access and resumed (docs/contract.md, "Three worlds"): every
/// interleaving of two threads inside a compare-exchange loop, a ring and nested locks is explored from saved states.
/// </summary>
public sealed class SteppingTests
{
    private const ulong Increment = 0, Produce = 1, Drain = 2, PlainUnderLocks = 3, PlainIncrement = 4, Forgetful = 5;

    [Fact]
    public void Compare_exchange_loops_never_lose_an_increment()
    {
        var outcome = Explorer.Run([[Increment, Increment], [Increment]],
            machine => Word(machine, SpikeEncoding.Counter));
        Assert.Equal([3UL], outcome.Finals);
        Assert.InRange(outcome.States, 10, 2_000); // finite, although either loop may retry for ever in one log
    }

    [Fact]
    public void Plain_increments_do_lose_one()
    {
        var outcome = Explorer.Run([[PlainIncrement], [PlainIncrement]],
            machine => Word(machine, SpikeEncoding.Counter));
        Assert.Equal([1UL, 2UL], outcome.Finals);
    }

    [Fact]
    public void Nested_locks_protect_them()
    {
        var outcome = Explorer.Run([[PlainUnderLocks], [PlainUnderLocks]],
            machine => Word(machine, SpikeEncoding.Counter));
        Assert.Equal([2UL], outcome.Finals);
        Assert.True(outcome.SomebodyWaited);
    }

    [Fact]
    public void Ring_drain_sees_every_entry_once_in_order()
    {
        // The drained values are folded into one word: 1 then 2 gives 12, whatever the interleaving and however often
        // it polls.
        var outcome = Explorer.Run([[Produce, Produce], [Drain]], machine => Word(machine, SpikeEncoding.Drained));
        Assert.Equal([12UL], outcome.Finals);
    }

    [Fact]
    public void A_loop_without_checkpoint_is_named()
    {
        using var machine = Explorer.NewMachine();
        var error = Assert.Throws<EncodingDefectException>(() =>
        {
            while (!machine.Calls.OnWork(0, Forgetful))
            {
            }
        });
        Assert.Contains("OnWork", error.Message, StringComparison.Ordinal);
        Assert.Contains("Checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kvm_half_cannot_address_vmm_memory()
    {
        using var machine = Explorer.NewMachine();
        var error = Assert.Throws<EncodingDefectException>(() => machine.Calls.OnWork(0, 6));
        Assert.Contains("vmm_secret", error.Message, StringComparison.Ordinal);
    }

    private static ulong Word(Machine machine, int word) => machine.ReadRegion(0, (ulong)word);

    /// <summary>Breadth of all schedules of a few threads, each with a list of operations; state = bytes of the machine
    /// and how far each list is.</summary>
    private static class Explorer
    {
        public static (int States, ulong[] Finals, bool SomebodyWaited) Run(ulong[][] threads, Func<Machine,
            ulong> observe)
        {
            using var machine = NewMachine();
            var seen = new HashSet<string>();
            var finals = new SortedSet<ulong>();
            var waited = false;
            var todo = new Stack<(byte[] State, int[] At)>();
            todo.Push((machine.Save(), new int[threads.Length]));
            while (todo.TryPop(out var node))
            {
                if (!seen.Add(Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(node.State))
                    + string.Join(',', node.At)))
                {
                    continue;
                }

                var moved = false;
                for (var thread = 0; thread < threads.Length; thread++)
                {
                    if (node.At[thread] == threads[thread].Length)
                    {
                        continue;
                    }

                    machine.Restore(node.State);
                    if (machine.Blocked(thread) == BlockReason.Lock)
                    {
                        waited = true;
                        continue;
                    }

                    moved = true;
                    var at = (int[])node.At.Clone();
                    if (machine.Calls.OnWork(thread, threads[thread][at[thread]]))
                    {
                        at[thread]++;
                    }

                    todo.Push((machine.Save(), at));
                }

                if (!moved)
                {
                    machine.Restore(node.State);
                    finals.Add(observe(machine));
                    Assert.Equal(threads.Select(t => t.Length), node.At); // nobody is left waiting for a lock
                }
            }

            return (seen.Count, [.. finals], waited);
        }

        public static Machine NewMachine()
        {
            var config = new MachineConfig { Vcpus = 2, TasksPerVcpu = 1, Gfns = 1, ApfLimit = 1 };
            var world = new IdleWorld();
            var clock = new StepClock();
            var machine = new Machine(config, new SpikeEncoding(), world, world, world, world, clock);
            clock.Horizon = long.MinValue; // every activation is one access
            return machine;
        }
    }

    private sealed class IdleWorld : IGuestProgram, IChoices, IDriver, IMachineObserver
    {
        public bool TryStep(int task, long index, out GuestStep step)
        {
            step = default;
            return false;
        }

        public int Choose(ChoiceKind kind, ulong key, int n) => 0;
        public void On(in MachineEvent e) { }
    }

    private sealed class SpikeEncoding : Encoding
    {
        public const int Counter = 0, Head = 1, Tail = 2, Drained = 3, Entry = 4;
        private static readonly Region s_words = new(0);
        private static readonly Region s_secret = new(1);

        public override EncodingDescription Description { get; } = new()
        {
            Id = "spike",
            FullName = "spike",
            Summary = "stepping",
            Origin = "test",
            BitsPerGfn = 1,
        };

        public override IReadOnlyList<RegionSpec> Regions { get; } =
        [
            new("words", RegionOwner.Shared, RegionScope.PerVm, 64, 8, "counter, head, tail, drained, entries"),
            new("vmm_secret", RegionOwner.VmmPrivate, RegionScope.PerVm, 64, 1, "not KVM's"),
        ];

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Kvm<TKvm>();
        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => new Vmm<TVmm>();

        private sealed class Kvm<TKvm> : IKvmHalf<TKvm> where TKvm : struct, IKvm
        {
            public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;

            public void OnWork(TKvm kvm, ulong argument)
            {
                switch (argument)
                {
                    case Increment:
                        for (; ; )
                        {
                            kvm.Checkpoint(1);
                            var old = kvm.Load(s_words, Counter);
                            if (kvm.CompareExchange(s_words, Counter, old, old + 1) == old)
                            {
                                return;
                            }
                        }

                    case Produce:
                        var head = kvm.Load(s_words, Head);
                        kvm.Store(s_words, Entry + head, head + 1);
                        kvm.Store(s_words, Head, head + 1, MemoryOrder.Release);
                        return;
                    case Drain:
                        ulong tail = kvm.Load(s_words, Tail), sum = 0;
                        while (tail < 2)
                        {
                            kvm.Checkpoint(2, ref tail, ref sum);
                            if (kvm.Load(s_words, Head, MemoryOrder.Acquire) > tail)
                            {
                                sum = (sum * 10) + kvm.Load(s_words, Entry + tail);
                                tail++;
                            }
                        }

                        kvm.Store(s_words, Drained, sum);
                        return;
                    case PlainUnderLocks:
                        kvm.Lock(KvmLock.Encoding, 0);
                        kvm.Lock(KvmLock.Apf, 1);
                        kvm.Store(s_words, Counter, kvm.Load(s_words, Counter) + 1);
                        kvm.Unlock(KvmLock.Apf, 1);
                        kvm.Unlock(KvmLock.Encoding, 0);
                        return;
                    case PlainIncrement:
                        kvm.Store(s_words, Counter, kvm.Load(s_words, Counter) + 1);
                        return;
                    case Forgetful:
                        while (kvm.Load(s_words, Counter) == 0)
                        {
                        }

                        return;
                    default:
                        kvm.Load(s_secret, 0);
                        return;
                }
            }
        }

        private sealed class Vmm<TVmm> : IVmmHalf<TVmm> where TVmm : struct, IVmm
        {
            public void OnArm(TVmm vmm, ArmRequest request) { }
            public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => ExitAction.ResolveFirst;
            public void OnContentArrived(TVmm vmm, Gfn gfn) { }
        }
    }
}
