using UapiLab.Abstractions;
using UapiLab.Harness.Native;

namespace UapiLab.Testing.World;

/// <summary>Size of a world.</summary>
internal readonly record struct WorldSize(int Vcpus, int Gfns, int ApfLimit);

/// <summary>
/// A naive reference of the contract: the halves run on real memory, and every call is held to what docs/contract.md
/// says of it. It shares no rule with the machine: an APF is an object in a list, the content of a frame is a flag. One
/// thread may drive it, with others cutting in where <see cref="BeforeCall"/> says, or many at once.
/// </summary>
internal sealed partial class ContractWorld : IDisposable
{
    private readonly WorldSize _size;
    private readonly NativeRegions _memory;
    private readonly NativeWorld _words;
    private readonly ContractVcpu[] _vcpus;
    private readonly long[] _lengths;
    private readonly bool[] _unreadable;
    private readonly Dictionary<uint, IoctlSpec> _ioctls;
    private readonly bool _omniscient;

    public ContractWorld(Encoding encoding, WorldSize size)
    {
        this._size = size;
        Encoding = encoding;
        _memory = new(encoding, size.Vcpus, size.Gfns, size.ApfLimit);
        _words = new(_memory, new(size.Vcpus, size.ApfLimit));
        _vcpus = [.. Enumerable.Range(0, size.Vcpus).Select(v => new ContractVcpu(v, size.ApfLimit))];
        _lengths = [.. encoding.Regions.Select(r => r.Words(size.Vcpus, size.Vcpus * size.ApfLimit, size.Gfns))];
        _unreadable = new bool[_lengths.Length];
        _ioctls = encoding.Description.Ioctls.ToDictionary(i => i.Number);
        _omniscient = encoding.Description.Traits.HasFlag(EncodingTraits.Omniscient);
        Frames = [.. Enumerable.Range(0, size.Gfns).Select(_ => new Frame())];
        KvmHalf = encoding.KvmHalf<ContractHalf>();
        VmmHalf = encoding.VmmHalf<ContractHalf>();
    }

    public Encoding Encoding { get; }
    public IKvmHalf<ContractHalf> KvmHalf { get; }
    public IVmmHalf<ContractHalf> VmmHalf { get; }
    public Frame[] Frames { get; }
    public int VcpuCount => _vcpus.Length;
    public int ApfLimit => _size.ApfLimit;
    public ContractVcpu this[int vcpu] => _vcpus[vcpu];

    /// <summary>Guards queues, book and frames; words need no guard.</summary>
    public object Gate { get; } = new();

    /// <summary>Called before each call of a half, unless it holds a lock: where another thread may cut in.</summary>
    public Action<Actor>? BeforeCall { get; set; }

    /// <summary>Whether the guest has another task that can run while one waits: what an omniscient encoding
    /// asks.</summary>
    public bool HasOtherTasks { get; init; } = true;

    /// <summary>Whether userspace is what the VMM half makes of it. If not, what userspace does to itself is not looked
    /// at.</summary>
    public bool IsSane { get; init; } = true;

    /// <summary>The first thing that was broken.</summary>
    public ContractBreach? Failure { get; private set; }

    /// <summary>Names of the checker's sometimes-properties that this run showed.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <summary>Ioctls made so far, for an attacker to make again.</summary>
    public List<IoctlCall> Ioctls { get; } = [];

    public void Dispose() => _memory.Dispose();

    /// <summary>The run is over: no thread waits any longer.</summary>
    public void Fail(ContractBreach breach)
    {
        lock (Gate)
        {
            Failure ??= breach;
            Monitor.PulseAll(Gate);
        }
    }

    public void See(string what)
    {
        lock (Gate)
        {
            Seen.Add(what);
        }
    }

    /// <summary>A word behind the back of both halves: what userspace may do to its own memory.</summary>
    public void Scribble(int region, ulong index, ulong value) =>
        _words.Store(new(region), index, value, MemoryOrder.Relaxed);

    public void SetUnreadable(int region, bool on) => _unreadable[region] = on;

    public long LengthOf(int region) => _lengths[region];

    /// <summary>Every declared word, in order: to see that a call changed nothing.</summary>
    public ulong[] Snapshot() =>
        [.. Enumerable.Range(0, _lengths.Length)
            .SelectMany(r => Enumerable.Range(0, (int)_lengths[r]).Select(i => _memory.Read(r, (ulong)i)))];

    internal NativeWorld Words(Actor actor, Region region, ulong index)
    {
        Call(actor);
        if ((uint)region.Id >= (uint)_lengths.Length)
        {
            throw new ContractBreach(Breaches.OutOfBounds, $"region {region.Id} is not declared");
        }

        var spec = Encoding.Regions[region.Id];
        if (spec.Owner == (actor.OnVmmSide ? RegionOwner.KvmPrivate : RegionOwner.VmmPrivate))
        {
            throw new ContractBreach(Breaches.Knowledge, $"region {spec.Name} belongs to the other half");
        }

        return index < (ulong)_lengths[region.Id]
            ? _words
            : throw new ContractBreach(Breaches.OutOfBounds,
                $"index {index} is outside region {spec.Name} of {_lengths[region.Id]} words");
    }

    internal void Count(int ownEvent)
    {
        if ((uint)ownEvent >= (uint)Encoding.OwnEvents.Count)
        {
            throw new ContractBreach(Breaches.OutOfBounds, $"own event {ownEvent} is not declared");
        }
    }

    internal bool IsReadable(Actor actor, Region region)
    {
        var readable = !_unreadable[region.Id];
        actor.CopyFailed |= !readable;
        return readable;
    }

    internal void Call(Actor actor)
    {
        actor.CountCall();
        if (actor.Locks.Count == 0)
        {
            BeforeCall?.Invoke(actor);
        }
    }

    internal GroundTruth Truth(Actor actor, Gfn gfn)
    {
        Call(actor);
        if (!_omniscient)
        {
            throw new ContractBreach(Breaches.Knowledge,
                "asks for the ground truth without declaring itself omniscient");
        }

        lock (Gate)
        {
            return new(Frames[gfn.Value].HasContent ? Disposition.Present
                : Disposition.Async, Frames[gfn.Value].HasContent ? 0 : long.MaxValue, HasOtherTasks ? 1 : 0);
        }
    }
}

/// <summary>Ground truth of one frame.</summary>
internal sealed class Frame
{
    /// <summary>The VMM armed it; until then it is ordinary memory, content and all.</summary>
    public bool Armed { get; set; }
    public bool HasContent { get; set; } = true;
    public bool Mapped { get; set; }

    /// <summary>A thread of the VMM is about to fetch it, and tells the encoding so.</summary>
    public bool Wanted { get; set; }

    /// <summary>A fetch is under way, and an I/O thread will place the content.</summary>
    public bool Fetching { get; set; }

    /// <summary>Threads that are telling the encoding of its arrival.</summary>
    public int Publishing { get; set; }

    public Queue<Waiter> Waiters { get; } = new();
}
