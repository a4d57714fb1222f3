using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Reduction;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines;

/// <summary>
/// The one transition system: guest, vCPUs, KVM and VMM as actors that take micro-steps. It knows neither time nor
/// probability; its driver (simulator, checker, replay) says who steps next, answers the choices, and keeps
/// clocks.
/// </summary>
/// <remarks>Actors are numbered: vCPU threads first, then I/O threads, then device, prefetcher, re-arming thread,
/// KVM worker; one for each vCPU if KVM starts APFs of its own.</remarks>
internal sealed class Machine : IDisposable
{
    private readonly StateBlock _block = new();
    private readonly Section<VmState> _vm;
    private readonly RegionStore[] _regions;

    /// <summary>Those that stand for memory which KVM's half allocated.</summary>
    private readonly RegionStore[] _allocations;

    private readonly Dictionary<uint, IoctlSpec> _ioctls;
    private readonly IMachineObserver _observer;
    private readonly VcpuThread _vcpuThread;
    private readonly ServiceThreads _services;
    private readonly PropertyMonitors? _monitors;
    private int _stepsToWalk;

    /// <summary>Builds a machine around an encoding, with every frame of the memslot armed.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract while arming.</exception>
    /// <param name="config">Its shape.</param>
    /// <param name="encoding">Whose halves it calls.</param>
    /// <param name="program">What the guest's tasks do.</param>
    /// <param name="choices">Who decides.</param>
    /// <param name="driver">Who keeps the time.</param>
    /// <param name="observer">Is told of what happens.</param>
    /// <param name="clock">What steps cost.</param>
    /// <param name="calls">How the halves run; null: an access at a time, so that a run can be repeated.</param>
    public Machine(MachineConfig config, Encoding encoding, IGuestProgram program, IChoices choices, IDriver driver,
        IMachineObserver observer, StepClock clock, Func<Machine, EncodingCalls>? calls = null)
    {
        config = config.WithInterception(encoding.Description.Interception) with
        {
            HasCarelessHalf = encoding is IDerivedEncoding { IsCareless: true },
            HasOwnEventfd = encoding is IDerivedEncoding { UsesOwnEventfd: true },
        };
        Config = config;
        Encoding = encoding;
        Program = program;
        Choices = choices;
        Driver = driver;
        this._observer = observer;
        Clock = clock;

        CookieKind = RecordKind.Of(encoding.Description.WaiterCookie);
        ExtraKind = RecordKind.Of(encoding.Description.ExitExtra);
        WorkKind = RecordKind.Of(encoding.Description.WorkArgument);
        _vm = _block.Reserve<VmState>(1);
        Vcpus = _block.Reserve<VcpuState>(config.Vcpus);
        Tasks = _block.Reserve<TaskState>((long)config.Vcpus * config.TasksPerVcpu);
        Actors = _block.Reserve<ActorState>(ActorCount);
        Footprint = new(this);
        Locks = new(this, _block);
        Eventfds = new(this, _block);
        Work = new(this, _block);
        Apf = new(this, _block);
        Area = new(this);
        Memory = new(this, _block);
        FetchTable = new(this, _block);
        Guest = new(this, _block);
        _regions = encoding.Regions.Select((r, id) => new RegionStore(r, id, config, _block)).ToArray();
        _allocations = [.. _regions.Where(r => r.Spec is { Allocates: true, Scope: RegionScope.PerApf })];
        SharedMemory = new(this, _regions, _block);
        _monitors = config.Watched.Count > 0 ? new(this, _block) : null;
        CoreBytes = (int)Math.Min(_block.Length, int.MaxValue);
        Log = _block.Reserve<ulong>((long)ActorCount * config.LogLimit); // last: a checker keeps only the words in use
        LogKinds = _block.Reserve<RecordKind>(config.Renames ? Log.Count : 0);
        _block.Allocate();
        FetchTable.Initialise();

        World = new OperationWorld(this, clock, _regions,
            encoding.Description.Traits.HasFlag(EncodingTraits.Omniscient));
        KvmHalf = encoding.KvmHalf<MachineWorld>();
        Calls = calls?.Invoke(this) ?? new HalfCalls<MachineWorld, StepRunner>(
            new(World), KvmHalf, encoding.VmmHalf<MachineWorld>());
        _ioctls = encoding.Description.Ioctls.ToDictionary(i => i.Number);
        KernelApf = new(this);
        KvmWriter = new(this);
        KvmRun = new(this);
        Userfaultfd = new(this);
        Vmm = new(this);
        _vcpuThread = new(this);
        _services = new(this);
        Start();
    }

    /// <summary>Size and parameters.</summary>
    public MachineConfig Config { get; }

    /// <summary>Actors in all.</summary>
    public int ActorCount => WorkerOf(Config.KernelApf ? Config.Vcpus - 1 : 0) + 1;

    /// <summary>Accesses to shared words so far.</summary>
    public long SharedAccesses { get; internal set; }

    /// <summary>Bytes of state.</summary>
    public long StateBytes => _block.Length;

    /// <summary>Bytes of state without what operations in progress have been given (<see cref="Log"/>).</summary>
    internal int CoreBytes { get; }

    /// <summary>The state in place.</summary>
    internal Span<byte> StateInPlace => _block.Bytes;

    /// <summary>vCPUs that still have a task to run.</summary>
    public int LiveVcpus => Vm.LiveVcpus;

    /// <summary>The actor taking the current step.</summary>
    public int CurrentActor { get; internal set; }

    /// <summary>How often each event of the encoding's own was counted; null where nobody wants to know.</summary>
    internal long[]? OwnEvents { get; init; }

    internal Encoding Encoding { get; }
    internal IGuestProgram Program { get; }
    internal IChoices Choices { get; }
    internal IDriver Driver { get; }
    internal StepClock Clock { get; }
    internal Section<VcpuState> Vcpus { get; }
    internal Section<TaskState> Tasks { get; }
    internal Section<ActorState> Actors { get; }
    internal Section<ulong> Log { get; }
    internal Section<RecordKind> LogKinds { get; }
    internal RecordKind CookieKind { get; }
    internal RecordKind ExtraKind { get; }
    internal RecordKind WorkKind { get; }
    internal RegionStore[] Regions => _regions;

    /// <summary>A frame as the halves know it.</summary>
    internal Gfn GfnOf(ulong frame) => new(Config.FirstGfn + frame);

    /// <summary>The frame that a half names; one that the slot does not have if it names none.</summary>
    internal ulong FrameOf(Gfn gfn) => unchecked(gfn.Value - Config.FirstGfn);

    /// <summary>Whether KVM's half has memory allocated for the APF in this slot.</summary>
    internal bool KeepsMemoryOf(int slot)
    {
        foreach (var store in _allocations)
        {
            for (var word = 0; word < store.Spec.Count; word++)
            {
                if (store.Read((ulong)((slot * store.Spec.Count) + word)) != 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    internal LockTable Locks { get; }
    internal SharedMemory SharedMemory { get; }
    internal IAccessListener? Listener { get; set; }

    /// <summary>Is told what the halves are given; null if it is not wanted.</summary>
    internal IViewListener? View { get; set; }

    /// <summary>Sees whether the encoding computes with tokens; null if it does not matter.</summary>
    internal TokenTrial? Tokens { get; set; }
    internal EventfdTable Eventfds { get; }
    internal WorkQueue Work { get; }
    internal KvmApf Apf { get; }
    internal ApfArea Area { get; }
    internal GuestMemory Memory { get; }
    internal GuestMemory Memslot => Memory;
    internal FetchTable FetchTable { get; }
    internal GuestKernel Guest { get; }
    internal VmmThread Vmm { get; }
    internal Userfaultfd Userfaultfd { get; }
    internal OperationWorld World { get; }
    internal EncodingCalls Calls { get; }
    internal KernelApf KernelApf { get; }
    internal KvmWriter KvmWriter { get; }
    internal KvmRun KvmRun { get; }
    internal IKvmHalf<MachineWorld> KvmHalf { get; }
    internal ref VmState Vm => ref _vm[0];
    internal Section<VmState> VmSection => _vm;

    internal int DeviceActor => Config.Vcpus + Config.IoThreads;
    internal int PrefetchActor => DeviceActor + 1;
    internal int RearmActor => DeviceActor + 2;
    internal int WorkerActor => DeviceActor + 3;

    /// <summary>Where the workers of a vCPU's own APFs run: KVM queues them on the CPU that the vCPU runs on.</summary>
    internal int WorkerOf(int vcpu) => WorkerActor + vcpu;

    /// <summary>Whether the actor can take a step.</summary>
    public bool IsRunnable(int actor) => Actors[actor].Blocked == BlockReason.None;

    /// <summary>Whether the actor is in the kernel or the guest, where userspace cannot have another thread come
    /// between. Of a thread in an ioctl <see cref="OperationWorld.StoppedInIoctl"/> tells.</summary>
    internal bool IsInKernel(int actor) => actor < Config.Vcpus
        ? !VcpuSteps.IsOutside(Vcpus[actor].Step, Actors[actor].InOperation)
        : actor >= WorkerActor;

    /// <summary>Why the actor cannot take a step.</summary>
    internal BlockReason Blocked(int actor) => Actors[actor].Blocked;

    /// <summary>Where a vCPU thread is.</summary>
    internal VcpuStep StepOf(int vcpu) => Vcpus[vcpu].Step;

    /// <summary>One micro-step of an actor that is runnable.</summary>
    public void Step(int actor)
    {
        CurrentActor = actor;
        if (actor < Config.Vcpus)
        {
            Footprint.BeforeVcpu(actor);
            _vcpuThread.Step(actor);
        }
        else
        {
            Footprint.BeforeService(actor);
            _services.Step(actor);
        }

        AssertInvariants();
        _monitors?.ThrowIfFailed();
    }

    /// <summary>One micro-step of an actor that does nothing but an ioctl; true when it has returned.</summary>
    internal bool StepIoctl(int actor, IoctlCall call, out long result)
    {
        CurrentActor = actor;
        Footprint.BeforeService(actor);
        return Calls.RawIoctl(actor, call, out result);
    }

    /// <summary>In Debug: walks the whole state, and does so seldom where it is large.</summary>
    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        if (--_stepsToWalk < 0)
        {
            _stepsToWalk = MachineInvariants.StepsBetweenWalks(this);
            MachineInvariants.Assert(this);
        }
    }

    /// <summary>Copies the whole state out; for machines under 2 GiB.</summary>
    public byte[] Save()
    {
        MachineInvariants.Assert(this);
        return _block.Bytes.ToArray();
    }

    /// <summary>Puts a saved state of a machine of the same shape and encoding back.</summary>
    public void Restore(ReadOnlySpan<byte> state) => state.CopyTo(_block.Bytes);

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();

    /// <summary>The lowest token of a vCPU that occurs in no 32-bit word of the state. No frame's address is mistaken
    /// for one.</summary>
    internal uint LowestUnusedToken(int vcpu)
    {
        for (var first = ((uint)Config.Gfns << TokensInUse.IdBits) | (uint)vcpu; ; first += TokensInUse.Span)
        {
            var used = TokensInUse.In(MemoryMarshal.Cast<byte, uint>(_block.Bytes[..CoreBytes]), first);
            for (var actor = 0; actor < ActorCount; actor++)
            {
                var given = Log.Span((long)actor * Config.LogLimit, Actors[actor].LogWords);
                used |= TokensInUse.In(MemoryMarshal.Cast<ulong, uint>(given), first);
            }

            if (used != ulong.MaxValue)
            {
                return first + ((uint)BitOperations.TrailingZeroCount(~used) << TokensInUse.IdBits);
            }
        }
    }

    /// <summary>A word of a declared region, for tests and tools.</summary>
    public ulong ReadRegion(int region, ulong index) => _regions[region].Read(index);

    /// <summary>What of the step in progress another actor may notice.</summary>
    internal Footprint Footprint { get; }

    internal void Emit(MachineEventKind kind, int vcpu, ulong gfn = 0, ulong value = 0)
    {
        _observer.On(new(kind, vcpu, gfn, value));
        _monitors?.On(kind, vcpu, gfn, value);
    }

    /// <summary>To observers alone: what a property shows is nothing that another one could look at.</summary>
    internal void EmitShown(int property) => _observer.On(new(MachineEventKind.PropertyShown, -1, 0, (ulong)property));

    internal void Violate(ViolationKind kind, int vcpu, ulong gfn) =>
        Emit(MachineEventKind.Violation, vcpu, gfn, (ulong)kind);

    internal bool TakesMutex(uint ioctl, IoctlArgument argument) => _ioctls.TryGetValue(ioctl, out var spec)
        && spec.TakesMutexFor(argument);

    /// <summary>The operation that an ioctl's argument selects; 0 if there are none.</summary>
    internal uint OpOf(uint ioctl, IoctlArgument argument) =>
        _ioctls.TryGetValue(ioctl, out var spec) ? spec.OpIn(argument) : 0;

    /// <summary>Whether the description of an ioctl lists what it returned.</summary>
    internal bool Declares(uint ioctl, long result)
    {
        if (result == 0 || !_ioctls.TryGetValue(ioctl, out var spec))
        {
            return result == 0;
        }

        for (var i = 0; i < spec.Errors.Count; i++)
        {
            if (spec.Errors[i].Errno.Negated() == result)
            {
                return true;
            }
        }

        return false;
    }

    internal string NameOf(uint ioctl) => _ioctls.TryGetValue(ioctl, out var spec) ? spec.Name : $"0x{ioctl:x}";

    internal void CompleteFetch(int fetch) => _services.CompleteFetch(fetch);

    internal void GiveToIoThread(int fetch) => _services.GiveToIoThread(fetch);

    internal void Block(int actor, BlockReason reason, int on)
    {
        ref var state = ref Actors[actor];
        SharedMemory.Drain(actor); // going to sleep takes locks
        state.Blocked = reason;
        state.BlockedOn = on;
    }

    internal void Wake(int actor)
    {
        if (Actors[actor].Blocked is not (BlockReason.None or BlockReason.Finished))
        {
            SharedMemory.Drain(CurrentActor); // waking somebody takes locks
            Unblock(actor);
        }
    }

    private void Unblock(int actor)
    {
        ref var state = ref Actors[actor];
        if (state.Blocked is not (BlockReason.None or BlockReason.Finished))
        {
            state.Blocked = BlockReason.None;
            SharedMemory.OnWoken(actor);
            Driver.Woken(actor);
        }
    }

    /// <summary>
    /// Whether every vCPU thread would park at its next step. Beginning to pause earlier adds nothing: who has parked
    /// already does nothing until the others have, so the same run exists with the pause begun when the last of them is
    /// about to.
    /// </summary>
    internal bool CouldPauseNow()
    {
        for (var vcpu = 0; vcpu < Config.Vcpus && Config.PausesToRearm; vcpu++)
        {
            ref var actor = ref Actors[vcpu];
            var step = Vcpus[vcpu].Step;
            var parks = step == VcpuStep.RunLoop || (step == VcpuStep.RunEntry && !actor.InOperation)
                || actor.Blocked is BlockReason.ApfHalt or BlockReason.GuestHalt or BlockReason.Finished;
            if (!parks)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the environment may still send a signal to a vCPU thread that sleeps in a halt.</summary>
    internal bool CanSignal(int vcpu) =>
        Vm.SignalsLeft > 0
            && Actors[vcpu].Blocked is (BlockReason.ApfHalt or BlockReason.GuestHalt or BlockReason.LookupSleep);

    /// <summary>A signal ends the sleep of a halted vCPU's thread, not the halt. One that runs takes its signals by
    /// choice.</summary>
    internal void Signal(int vcpu)
    {
        Vm.SignalsLeft--;
        Vcpus[vcpu].SignalPending = true;
        Unblock(vcpu); // nobody of the VM sends it, so no store is drained
    }

    /// <summary>The VMM gives the VM up: nobody takes another step.</summary>
    internal void Stop(ulong gfn)
    {
        Emit(MachineEventKind.VmStopped, -1, gfn);
        Vm.LiveVcpus = 0;
        for (var actor = 0; actor < ActorCount; actor++)
        {
            Actors[actor] = Actors[actor] with { InOperation = false, LogWords = 0 };
            Block(actor, BlockReason.Finished, actor);
        }
    }

    /// <summary>A bounded wait ended without its event.</summary>
    internal void TimeOut(int actor) => Actors[actor].Blocked = BlockReason.None;

    /// <returns>How many were woken.</returns>
    internal int WakeAll(BlockReason reason, int on)
    {
        var woken = 0;
        for (var actor = 0; actor < ActorCount; actor++)
        {
            ref var state = ref Actors[actor];
            if (state.Blocked == reason && state.BlockedOn == on)
            {
                Wake(actor);
                woken++;
            }
        }

        return woken;
    }

    /// <summary>kvm_vcpu_kick: out of the guest, or out of a halt to look whether there is an event; the kick itself is
    /// none.</summary>
    internal void Kick(int vcpu)
    {
        ref var v = ref Vcpus[vcpu];
        SharedMemory.Drain(CurrentActor); // the IPI
        v.Kicked = true;
        if (v.Step == VcpuStep.GuestComputing)
        {
            Driver.Preempt(vcpu);
        }
        else
        {
            WakeHalted(vcpu);
        }
    }

    internal void WakeHalted(int vcpu)
    {
        if (Actors[vcpu].Blocked is BlockReason.ApfHalt or BlockReason.GuestHalt)
        {
            Wake(vcpu);
        }
    }

    /// <summary>A signal to the vCPU thread: out of the guest, or out of a sleep that goes on after the next
    /// KVM_RUN.</summary>
    internal void PullOut(int vcpu)
    {
        if (Actors[vcpu].Blocked is BlockReason.ApfHalt or BlockReason.GuestHalt)
        {
            Wake(vcpu);
        }
        else
        {
            Kick(vcpu);
        }
    }

    private void Start()
    {
        Vm.LiveVcpus = Config.Vcpus;
        Vm.SignalsLeft = checked((byte)Config.Environment.Signals);
        Vm.RefusalsLeft = checked((byte)Config.Environment.RefusedInjections);
        Vm.CopyFailuresLeft = checked((byte)Config.Environment.FailedCopies);
        Vm.RepeatsLeft = checked((byte)Config.Environment.RepeatedIoctls);
        Vm.HostileLeft = checked((byte)Config.Environment.HostileActs);
        Vm.KvmWritesLeft = checked((byte)Config.Environment.KvmWrites);
        Vm.CarelessLeft = checked((byte)Config.Environment.CarelessReentries);
        Vm.ResetsLeft = checked((byte)Config.Environment.Resets);
        Vm.EventDropsLeft = checked((byte)Config.Environment.DroppedEvents);
        Vm.PrefaultsLeft = checked((byte)Config.Environment.Prefaults);
        for (var actor = Config.Vcpus; actor < ActorCount; actor++)
        {
            Block(actor, BlockReason.Idle, actor);
        }

        foreach (var region in _regions.Where(r => r.Spec.StartsAs != 0))
        {
            region.Fill(0, region.Words, region.Spec.StartsAs);
        }

        Vm.PrivateFrames = Config.StartsPrivate ? (1 << (int)Config.Gfns) - 1 : 0;
        Vmm.SetUp();
        foreach (var region in _regions.Where(r => Config.CountersWrap && r.Spec.RunsFreely))
        {
            region.Fill(0, region.Words, ulong.MaxValue);
        }

        for (var vcpu = 0; vcpu < Config.Vcpus; vcpu++)
        {
            ref var v = ref Vcpus[vcpu];
            v.CurrentTask = -1;
            v.Fetch = -1;
            v.SliceLeftNs = Config.TimesliceNs;
            v.Step = VcpuStep.RunEntry;
            if (Config.GuestApf)
            {
                Apf.Enable(vcpu);
            }
        }

        Area.Populate();
        _services.Start();
        SharedMemory.IsOn = true;
    }
}
