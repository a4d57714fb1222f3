using UapiLab.Abstractions;

namespace UapiLab.TestKit.Fakes;

/// <summary>
/// A small hand-written world for unit tests of halves: memory is a dictionary, one thread, nothing happens by itself.
/// Every call is recorded by name, and a test can do something just before or after the n-th call of a name, which is
/// how another thread gets in between.
/// </summary>
public sealed class FakeWorld
{
    private readonly Dictionary<(int Region, ulong Index), ulong> _words = [];
    private readonly Dictionary<Gfn, Queue<Waiter>> _waiters = [];
    private readonly HashSet<Gfn> _arrived = [];
    private readonly HashSet<(KvmLock, int)> _locks = [];
    private readonly Dictionary<string, Action> _before = [];
    private readonly Dictionary<string, Action> _after = [];
    private readonly FakeVcpu[] _vcpus;
    private readonly ulong _gfns;

    public FakeWorld(Encoding encoding, int vcpus = 2, int apfLimit = 4, ulong gfns = 256)
    {
        Encoding = encoding;
        ApfLimit = apfLimit;
        _gfns = gfns;
        _vcpus = Enumerable.Range(0, vcpus).Select(_ => new FakeVcpu(apfLimit)).ToArray();
        KvmHalf = encoding.KvmHalf<FakeSide>();
        VmmHalf = encoding.VmmHalf<FakeSide>();
    }

    public Encoding Encoding { get; }

    public IKvmHalf<FakeSide> KvmHalf { get; }

    public IVmmHalf<FakeSide> VmmHalf { get; }

    public int ApfLimit { get; }

    /// <summary>Names of the calls made so far, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Memory accesses made so far, with the order that was asked for.</summary>
    public List<(string Call, string Region, MemoryOrder Order)> Accesses { get; } = [];

    /// <summary>Arguments and results of the ioctls made so far.</summary>
    public List<(IoctlCall Call, long Result)> Ioctls { get; } = [];

    /// <summary>What in a kernel would have been corruption: completing what is completed or gone, changing a list
    /// without its lock. The run goes on, so that a test of a broken encoding can look.</summary>
    public List<string> Corruptions { get; } = [];

    /// <summary>Regions that userspace has unmapped: <see cref="IMemory.TryLoad"/> fails.</summary>
    public HashSet<string> Unreadable { get; } = [];

    public GroundTruth Truth { get; set; }

    /// <summary>Locks that were taken at some time.</summary>
    public HashSet<KvmLock> LocksTaken { get; } = [];

    /// <summary>How many checkpoints were passed: a loop that never ends would pass no end of them.</summary>
    public int Checkpoints { get; private set; }

    public FakeVcpu this[int vcpu] => _vcpus[vcpu];

    public FakeSide Kvm => new(this, RegionOwner.VmmPrivate);

    public FakeSide Vmm => new(this, RegionOwner.KvmPrivate);

    /// <summary>Runs an action once, just before the next call of this name.</summary>
    public void Before(string call, Action action) => _before.Add(call, action);

    /// <summary>Runs an action once, just after the next call of this name.</summary>
    public void After(string call, Action action) => _after.Add(call, action);

    public ulong Word(string region, ulong index = 0) => Raw(Handle(region), index);

    public void SetWord(string region, ulong index, ulong value) => _words[(Handle(region), index)] = value;

    public Waiter[] WaitersOf(Gfn gfn) => _waiters.TryGetValue(gfn, out Queue<Waiter>? queue) ? queue.ToArray() : [];

    public bool HoldsAnyLock => _locks.Count != 0;

    // What drives the halves.

    public void CreateVcpus()
    {
        for (int vcpu = 0; vcpu < _vcpus.Length; vcpu++)
        {
            VmmHalf.OnVcpuCreated(Vmm, vcpu);
        }
    }

    public void Arm(ulong first, ulong count, Prediction prediction = Prediction.Async) =>
        VmmHalf.OnArm(Vmm, new ArmRequest(new Gfn(first), count, prediction));

    /// <summary>Arms again and discards.</summary>
    public void ReArm(ulong first, ulong count, Prediction prediction = Prediction.Async)
    {
        Arm(first, count, prediction);
        for (ulong gfn = first; gfn < first + count; gfn++)
        {
            _arrived.Remove(new Gfn(gfn));
        }
    }

    public FaultAnswer Fault(int vcpu, ulong gfn, AccessKind access = AccessKind.Read, bool prefetch = false) =>
        KvmHalf.OnGuestFault(Kvm, new GuestFault(vcpu, new Gfn(gfn), access, prefetch));

    public RunAnswer Run(int vcpu, bool immediateExit = false) => KvmHalf.OnRun(Kvm, new RunEntry(vcpu, immediateExit));

    public ExitAction Exit(int vcpu, ulong gfn, FaultAnswer answer, Handling wanted) =>
        VmmHalf.OnExit(Vmm, new FaultExit(vcpu, new Gfn(gfn), answer.Flags, answer.Extra), wanted);

    public void StartFetch(ulong gfn, Prediction prediction) =>
        VmmHalf.OnFetchStarted(Vmm, new FetchStart(new Gfn(gfn), OnDemand: true, prediction));

    /// <summary>The content is in memory, and the book is closed for new waiters; nothing is published yet.</summary>
    public void Place(ulong gfn) => _arrived.Add(new Gfn(gfn));

    /// <summary>Content arrives and is published.</summary>
    public void Arrive(ulong gfn)
    {
        Place(gfn);
        VmmHalf.OnContentArrived(Vmm, new Gfn(gfn));
    }

    public Errno Ioctl(int vcpu, uint number, IoctlArgument argument) => (Errno)(int)-Vmm.Ioctl(vcpu, number, argument);

    /// <summary>KVM delivers the oldest completed APF: it leaves both lists, then the half is told.</summary>
    public void Deliver(int vcpu)
    {
        FakeApf apf = this[vcpu].Done[0];
        this[vcpu].Done.RemoveAt(0);
        this[vcpu].Queue[PlaceOf(apf.Ref)] = null;
        KvmHalf.OnApfDelivered(Kvm, vcpu, apf.Ref);
    }

    /// <summary>KVM drops the vCPU's queue; <paramref name="meanwhile"/> runs while it is half gone.</summary>
    public void ClearQueue(int vcpu, QueueClearReason reason = QueueClearReason.GuestDisabled, Action? meanwhile = null)
    {
        KvmHalf.OnQueueClearing(Kvm, vcpu, reason);
        meanwhile?.Invoke();
        Array.Clear(this[vcpu].Queue);
        this[vcpu].Done.Clear();
        KvmHalf.OnQueueCleared(Kvm, vcpu, reason);
    }

    // What the halves call, by way of FakeSide.

    internal ulong Load(Region region, ulong index, RegionOwner other, MemoryOrder order)
    {
        Accesses.Add(("Load", Check(region, index, other).Name, order));
        return Call("Load", () => Raw(region.Id, index));
    }

    internal bool TryLoad(Region region, ulong index, RegionOwner other, MemoryOrder order, out ulong value)
    {
        RegionSpec spec = Check(region, index, other);
        Accesses.Add(("TryLoad", spec.Name, order));
        bool readable = !Unreadable.Contains(spec.Name);
        value = Call("TryLoad", () => readable ? Raw(region.Id, index) : 0);
        return readable;
    }

    internal ulong Modify(string call, Region region, ulong index, RegionOwner other, MemoryOrder order, Func<ulong,
        ulong> change)
    {
        RegionSpec spec = Check(region, index, other);
        Accesses.Add((call, spec.Name, order));
        return Call(call, () =>
        {
            ulong old = Raw(region.Id, index);
            _words[(region.Id, index)] = change(old) & (ulong.MaxValue >> (64 - spec.WordBits));
            return old;
        });
    }

    internal void Fill(Region region, ulong first, ulong count, ulong value, RegionOwner other)
    {
        for (ulong index = first; index < first + count; index++)
        {
            RegionSpec spec = Check(region, index, other);
            _words[(region.Id, index)] = value & (ulong.MaxValue >> (64 - spec.WordBits));
        }

        Note("Fill");
    }

    internal void Checkpoint()
    {
        if (++Checkpoints > 10_000)
        {
            throw new InvalidOperationException("a loop does not end");
        }
    }

    internal void Note(string call) => Call(call, () => 0);

    internal T Call<T>(string call, Func<T> body)
    {
        if (_before.Remove(call, out Action? before))
        {
            before();
        }

        Calls.Add(call);
        T result = body();
        if (_after.Remove(call, out Action? after))
        {
            after();
        }

        return result;
    }

    internal void Lock(KvmLock which, int vcpu) => Call("Lock", () =>
    {
        LocksTaken.Add(which);
        return _locks.Add((which, vcpu)) ? 0
            : throw new InvalidOperationException($"{which} lock of vCPU {vcpu} taken twice");
    });

    internal void Unlock(KvmLock which, int vcpu) => Call("Unlock", () =>
        _locks.Remove((which, vcpu)) ? 0
            : throw new InvalidOperationException($"{which} lock of vCPU {vcpu} is not held"));

    internal ApfRef Find(int vcpu, Func<ApfRef, bool> match) => Call("FindApf", () =>
        this[vcpu].Outstanding.Select(apf => apf.Ref).Where(match).DefaultIfEmpty(ApfRef.None).First());

    internal ApfRef SetUpApf(int vcpu, Gfn gfn, Gfn prefault) => Call("SetUpApf", () =>
    {
        NeedsLock(vcpu, "set-up");
        FakeVcpu state = this[vcpu];
        int place = Array.IndexOf(state.Queue, null);
        if (place < 0)
        {
            return ApfRef.None;
        }

        uint token = (++state.TokenCounter << 12) | (uint)vcpu;
        var apf = new FakeApf(new ApfRef((vcpu * ApfLimit) + place, token, gfn), prefault);
        state.Queue[place] = apf;
        return apf.Ref;
    });

    internal void CancelApf(int vcpu, ApfRef apf) => Call("CancelApf", () =>
    {
        NeedsLock(vcpu, "cancel");
        FakeApf? item = ItemOf(vcpu, apf);
        if (item is null || item.Injected || this[vcpu].Done.Contains(item))
        {
            Corruptions.Add("cancel of an APF that is injected, completed or gone");
        }

        this[vcpu].Queue[PlaceOf(apf)] = null;
        return 0;
    });

    internal bool InjectNotPresent(int vcpu, ApfRef apf) => Call("InjectNotPresent", () =>
    {
        if (_locks.Count != 0)
        {
            Corruptions.Add("injection under a lock");
        }

        if (!this[vcpu].CanDeliver)
        {
            this[vcpu].HaltRequested = true;
            return false;
        }

        if (ItemOf(vcpu, apf) is { } item)
        {
            item.Injected = true;
        }

        return true;
    });

    internal void CompleteApf(int vcpu, ApfRef apf) => Call("CompleteApf", () =>
    {
        NeedsLock(vcpu, "completion");
        FakeApf? item = ItemOf(vcpu, apf);
        if (item is null)
        {
            Corruptions.Add("completion of an APF that is gone");
            return 0;
        }

        if (this[vcpu].Done.Contains(item))
        {
            Corruptions.Add("completion of an APF that is completed");
        }

        this[vcpu].Done.Add(item);
        return 0;
    });

    internal long IoctlFromVmm(int vcpu, uint number, IoctlArgument argument)
    {
        Note("Ioctl");
        var call = new IoctlCall(vcpu, number, argument);
        long result = KvmHalf.OnIoctl(Kvm, call);
        Ioctls.Add((call, result));
        return result;
    }

    internal bool AddWaiter(Gfn gfn, Waiter waiter) => Call("AddWaiter", () =>
    {
        if (_arrived.Contains(gfn))
        {
            return false;
        }

        if (!_waiters.TryGetValue(gfn, out Queue<Waiter>? queue))
        {
            _waiters[gfn] = queue = new();
        }

        queue.Enqueue(waiter);
        return true;
    });

    internal bool TakeWaiter(Gfn gfn, out Waiter waiter)
    {
        Note("TakeWaiter");
        waiter = default;
        return _waiters.TryGetValue(gfn, out Queue<Waiter>? queue) && queue.TryDequeue(out waiter);
    }

    private void NeedsLock(int vcpu, string what)
    {
        if (!_locks.Contains((KvmLock.Apf, vcpu)))
        {
            Corruptions.Add($"{what} without the APF lock");
        }
    }

    private FakeApf? ItemOf(int vcpu, ApfRef apf) =>
        this[vcpu].Queue[PlaceOf(apf)] is { } item && item.Ref == apf ? item : null;

    private int PlaceOf(ApfRef apf) => apf.Slot % ApfLimit;

    private ulong Raw(int region, ulong index) => _words.GetValueOrDefault((region, index));

    private int Handle(string name)
    {
        for (int id = 0; id < Encoding.Regions.Count; id++)
        {
            if (Encoding.Regions[id].Name == name)
            {
                return id;
            }
        }

        throw new ArgumentException($"no region {name}", nameof(name));
    }

    private RegionSpec Check(Region region, ulong index, RegionOwner other)
    {
        RegionSpec spec = Encoding.Regions[region.Id];
        if (spec.Owner == other)
        {
            throw new InvalidOperationException($"region {spec.Name} belongs to the other half");
        }

        ulong words = spec.Scope switch
        {
            RegionScope.PerVm => (ulong)spec.Count,
            RegionScope.PerVcpu => (ulong)(_vcpus.Length * spec.Count),
            RegionScope.PerApf => (ulong)(_vcpus.Length * ApfLimit * spec.Count),
            _ => ((_gfns * (ulong)spec.Count) + (ulong)spec.WordBits - 1) / (ulong)spec.WordBits,
        };
        return index < words ? spec
            : throw new InvalidOperationException($"index {index} is outside region {spec.Name} of {words} words");
    }
}
