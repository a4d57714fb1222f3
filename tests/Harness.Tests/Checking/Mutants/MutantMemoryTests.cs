using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>What becomes of accesses around the head of a loop, where a run that stopped goes on.</summary>
public sealed class MutantMemoryTests
{
    private const int Label = 7;

    private static readonly HalfOperation s_operation = new(InKvm: false, Operation.OnContentArrived);
    private static readonly Region s_region = new(0);

    private readonly List<string> _log = [];

    [Fact]
    public void Rounds_of_a_loop_are_one_place()
    {
        var recorder = new SiteRecorder();
        var memory = new MutantMemory<LoggedMemory>(new(_log), recorder, s_operation);
        memory.Load(s_region, 0, MemoryOrder.Relaxed);
        for (var round = 0; round < 3; round++)
        {
            memory.Checkpoint(Label);
            memory.Load(s_region, 0, MemoryOrder.Relaxed);
        }

        memory.Load(s_region, 0, MemoryOrder.Acquire);
        Assert.Equal([(1, false), (2, false), (3, true)], recorder.Sites.Select(s => (s.Site.Occurrence, s.IsOrdered)));
    }

    [Fact]
    public void A_write_put_off_before_a_loop_is_done_at_its_first_access()
    {
        var memory = PutOffBeforeLoop(new(_log));
        memory.Load(s_region, 1, MemoryOrder.Relaxed);
        memory.Checkpoint(Label);
        memory.Load(s_region, 1, MemoryOrder.Relaxed);
        memory.After();
        Assert.Equal(["checkpoint, live 1", "load 1", "store 0", "checkpoint, live 0", "load 1"], _log);
    }

    [Fact]
    public void A_later_round_that_is_run_again_does_not_write_again()
    {
        var memory = PutOffBeforeLoop(new(_log, Recorded: 0));
        memory.Load(s_region, 1, MemoryOrder.Relaxed);
        memory.After();
        Assert.DoesNotContain("store 0", _log);
    }

    [Fact]
    public void A_write_put_off_within_a_round_is_done_before_the_next()
    {
        var memory = new MutantMemory<LoggedMemory>(new(_log), DelaysFirstStore(), s_operation);
        for (var round = 0; round < 2; round++)
        {
            memory.Checkpoint(Label);
            memory.Store(s_region, 0, 1, MemoryOrder.Relaxed);
        }

        memory.After();
        Assert.Equal(["checkpoint, live 0", "store 0", "checkpoint, live 0", "store 0"], _log);
    }

    [Fact]
    public void A_loop_without_end_stops_the_run()
    {
        var memory = new MutantMemory<LoggedMemory>(new(_log), new SiteRecorder(), s_operation);
        Assert.Throws<EncodingDefectException>(GoRound);

        void GoRound()
        {
            while (true)
            {
                memory.Checkpoint(Label);
            }
        }
    }

    private static MutantMemory<LoggedMemory> PutOffBeforeLoop(LoggedMemory world)
    {
        var memory = new MutantMemory<LoggedMemory>(world, DelaysFirstStore(), s_operation);
        memory.Store(s_region, 0, 1, MemoryOrder.Relaxed);
        memory.Checkpoint(Label);
        return memory;
    }

    private static OneMutation DelaysFirstStore() =>
        new(new(s_operation, AccessVerb.Store, s_region, 1), MutantKind.Delayed);

    /// <summary>Writes down what is done. A checkpoint gives the live word that was recorded, if one was.</summary>
    private readonly record struct LoggedMemory(List<string> Log, ulong? Recorded = null) : IMemory
    {
        public ulong Load(Region region, ulong index, MemoryOrder order)
        {
            Log.Add(Invariant($"load {index}"));
            return 0;
        }

        public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
            Log.Add(Invariant($"store {index}"));

        public void Checkpoint(int label, int line = 0) => Log.Add("checkpoint");

        public void Checkpoint(int label, ref ulong live, int line = 0)
        {
            live = Recorded ?? live;
            Log.Add(Invariant($"checkpoint, live {live}"));
        }

        public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0) =>
            throw new NotSupportedException();
        public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
            throw new NotSupportedException();
        public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
            throw new NotSupportedException();
        public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
            throw new NotSupportedException();
        public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
            throw new NotSupportedException();
        public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
            throw new NotSupportedException();
        public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
            throw new NotSupportedException();
        public void Fence() => throw new NotSupportedException();
        public void Fill(Region region, ulong first, ulong count, ulong value) => throw new NotSupportedException();
    }
}
