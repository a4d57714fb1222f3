using System.Diagnostics;
using System.Runtime.InteropServices;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// The one transition system: guest, vCPUs, KVM and VMM as actors that take micro-steps. It knows neither time nor
/// probability; whoever drives it (simulator, checker, replay) says who steps next, answers the choices, and keeps clocks.
/// </summary>
/// <remarks>Actors are numbered: vCPU threads first, then I/O threads, then device, prefetcher, re-arming thread,
/// KVM worker; one for each vCPU if KVM starts APFs of its own.</remarks>
public sealed class Machine : IDisposable
{
    private readonly StateBlock block = new();
    private readonly Section<VmState> vm;
    private readonly RegionStore[] regions;
    private readonly Dictionary<uint, IoctlSpec> ioctls;
    private readonly IMachineObserver observer;
    private readonly VcpuThread vcpuThread;
    private readonly ServiceThreads services;
    private readonly PropertyMonitors? monitors;
    private int stepsToWalk;

    /// <summary>Builds a machine around an encoding, with every frame of the memslot armed.</summary>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract while arming.</exception>
    public Machine(MachineShape shape, Encoding encoding, IGuestProgram program, IChoices choices, IDriver driver, IMachineObserver observer, Pace pace)
    {
        shape = shape.CatchingBy(encoding.Description.Interception);
        Shape = shape;
        Encoding = encoding;
        Program = program;
        Choices = choices;
        Driver = driver;
        this.observer = observer;
        Pace = pace;

        CookieKind = RecordKind.Of(encoding.Description.WaiterCookie);
        ExtraKind = RecordKind.Of(encoding.Description.ExitExtra);
        WorkKind = RecordKind.Of(encoding.Description.WorkArgument);
        vm = block.Reserve<VmState>(1);
        Vcpus = block.Reserve<VcpuState>(shape.Vcpus);
        Tasks = block.Reserve<TaskState>((long)shape.Vcpus * shape.TasksPerVcpu);
        Actors = block.Reserve<ActorState>(ActorCount);
        Footprint = new(this);
        Locks = new(this, block);
        Eventfds = new(this, block);
        Work = new(this, block);
        Apf = new(this, block);
        Area = new(this);
        Memory = new(this, block);
        Book = new(this, block);
        Guest = new(this, block);
        regions = encoding.Regions.Select((r, id) => new RegionStore(r, id, shape, block)).ToArray();
        Words = new(this, regions, block);
        monitors = shape.Watched.Count > 0 ? new(this, block) : null;
        CoreBytes = (int)Math.Min(block.Length, int.MaxValue);
        Log = block.Reserve<ulong>((long)ActorCount * shape.LogLimit); // last: a checker keeps only the words in use
        LogKinds = block.Reserve<RecordKind>(shape.Renames ? Log.Count : 0);
        block.Allocate();
        Book.Initialise();

        World = new OperationWorld(this, pace, regions, encoding.Description.Traits.HasFlag(EncodingTraits.Omniscient));
        KvmHalf = encoding.KvmHalf<MachineWorld>();
        Calls = new(World, KvmHalf, encoding.VmmHalf<MachineWorld>());
        ioctls = encoding.Description.Ioctls.ToDictionary(i => i.Number);
        KernelApf = new(this);
        Userfaultfd = new(this);
        Vmm = new(this);
        vcpuThread = new(this);
        services = new(this);
        Start();
    }

    /// <summary>Size and parameters.</summary>
    public MachineShape Shape { get; }

    /// <summary>Actors in all.</summary>
    public int ActorCount => WorkerOf(Shape.KernelApf ? Shape.Vcpus - 1 : 0) + 1;

    /// <summary>Accesses to shared words so far.</summary>
    public long SharedAccesses { get; internal set; }

    /// <summary>Bytes of state.</summary>
    public long StateBytes => block.Length;

    /// <summary>Bytes of state without what operations in progress have been given (<see cref="Log"/>).</summary>
    internal int CoreBytes { get; }

    /// <summary>The state in place.</summary>
    internal Span<byte> StateInPlace => block.Bytes;

    /// <summary>vCPUs that still have a task to run.</summary>
    public int LiveVcpus => Vm.LiveVcpus;

    /// <summary>The actor taking the current step.</summary>
    public int CurrentActor { get; private set; }

    internal Encoding Encoding { get; }
    internal IGuestProgram Program { get; }
    internal IChoices Choices { get; }
    internal IDriver Driver { get; }
    internal Pace Pace { get; }
    internal Section<VcpuState> Vcpus { get; }
    internal Section<TaskState> Tasks { get; }
    internal Section<ActorState> Actors { get; }
    internal Section<ulong> Log { get; }
    internal Section<RecordKind> LogKinds { get; }
    internal RecordKind CookieKind { get; }
    internal RecordKind ExtraKind { get; }
    internal RecordKind WorkKind { get; }
    internal RegionStore[] Regions => regions;
    internal LockTable Locks { get; }
    internal WordMemory Words { get; }
    internal IAccessListener? Listener { get; set; }

    /// <summary>Is told what the halves are given; null if nobody cares.</summary>
    internal IViewListener? View { get; set; }
    internal EventfdTable Eventfds { get; }
    internal WorkQueue Work { get; }
    internal KvmApf Apf { get; }
    internal ApfArea Area { get; }
    internal GuestMemory Memory { get; }
    internal GuestMemory Memslot => Memory;
    internal FetchBook Book { get; }
    internal GuestKernel Guest { get; }
    internal VmmThread Vmm { get; }
    internal Userfaultfd Userfaultfd { get; }
    internal OperationWorld World { get; }
    internal EncodingCalls Calls { get; }
    internal KernelApf KernelApf { get; }
    internal IKvmHalf<MachineWorld> KvmHalf { get; }
    internal ref VmState Vm => ref vm[0];
    internal Section<VmState> VmSection => vm;

    internal int DeviceActor => Shape.Vcpus + Shape.IoThreads;
    internal int PrefetchActor => DeviceActor + 1;
    internal int RearmActor => DeviceActor + 2;
    internal int WorkerActor => DeviceActor + 3;

    /// <summary>Where the workers of a vCPU's own APFs run: KVM queues them on the CPU that the vCPU runs on.</summary>
    internal int WorkerOf(int vcpu) => WorkerActor + vcpu;

    /// <summary>Whether the actor can take a step.</summary>
    public bool IsRunnable(int actor) => Actors[actor].Blocked == BlockReason.None;

    /// <summary>Why the actor cannot take a step.</summary>
    internal BlockReason Blocked(int actor) => Actors[actor].Blocked;

    /// <summary>Where a vCPU thread is.</summary>
    internal VcpuStep StepOf(int vcpu) => Vcpus[vcpu].Step;

    /// <summary>One micro-step of an actor that is runnable.</summary>
    public void Step(int actor)
    {
        CurrentActor = actor;
        if (actor < Shape.Vcpus)
        {
            Footprint.OfVcpu(actor);
            vcpuThread.Step(actor);
        }
        else
        {
            Footprint.OfService(actor);
            services.Step(actor);
        }

        AssertInvariants();
        monitors?.ThrowIfFailed();
    }

    /// <summary>In Debug: walks the whole state, and does so seldom where it is large.</summary>
    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        if (--stepsToWalk < 0)
        {
            stepsToWalk = MachineInvariants.StepsBetweenWalks(this);
            MachineInvariants.Assert(this);
        }
    }

    /// <summary>Copies the whole state out; for machines under 2 GiB.</summary>
    public byte[] Save()
    {
        MachineInvariants.Assert(this);
        return block.Bytes.ToArray();
    }

    /// <summary>Puts a saved state of a machine of the same shape and encoding back.</summary>
    public void Restore(ReadOnlySpan<byte> state) => state.CopyTo(block.Bytes);

    /// <inheritdoc/>
    public void Dispose() => block.Dispose();

    /// <summary>The lowest token of a vCPU that occurs in no 32-bit word of the state. No frame's address is mistaken for one.</summary>
    internal uint LowestUnusedToken(int vcpu)
    {
        for (var counter = (uint)Shape.Gfns; ; counter++)
        {
            var token = (counter << 12) | (uint)vcpu;
            var used = MemoryMarshal.Cast<byte, uint>(block.Bytes[..CoreBytes]).Contains(token);
            for (var actor = 0; actor < ActorCount && !used; actor++)
            {
                var given = Log.Span((long)actor * Shape.LogLimit, Actors[actor].LogWords);
                used = MemoryMarshal.Cast<ulong, uint>(given).Contains(token);
            }

            if (!used)
            {
                return token;
            }
        }
    }

    /// <summary>A word of a declared region, for tests and tools.</summary>
    public ulong ReadRegion(int region, ulong index) => regions[region].Read(index);

    /// <summary>What of the step in progress another actor may notice.</summary>
    internal Footprint Footprint { get; }

    internal void Emit(MachineEventKind kind, int vcpu, ulong gfn = 0, ulong value = 0)
    {
        observer.On(new(kind, vcpu, gfn, value));
        monitors?.On(kind, vcpu, gfn, value);
    }

    /// <summary>To observers alone: what a property shows is nothing that another one could look at.</summary>
    internal void EmitShown(int property) => observer.On(new(MachineEventKind.PropertyShown, -1, 0, (ulong)property));

    internal void Violate(ViolationKind kind, int vcpu, ulong gfn) => Emit(MachineEventKind.Violation, vcpu, gfn, (ulong)kind);

    internal bool TakesMutex(uint ioctl, IoctlArgument argument) => ioctls.TryGetValue(ioctl, out var spec) && spec.TakesMutexFor(argument);

    /// <summary>Whether the description of an ioctl lists what it returned.</summary>
    internal bool Declares(uint ioctl, long result) =>
        result == 0 || (ioctls.TryGetValue(ioctl, out var spec) && spec.Errors.Any(e => e.Errno.Negated() == result));

    internal string NameOf(uint ioctl) => ioctls.TryGetValue(ioctl, out var spec) ? spec.Name : $"0x{ioctl:x}";

    internal void CompleteFetch(int fetch) => services.CompleteFetch(fetch);

    internal void GiveToIoThread(int fetch) => services.GiveToIoThread(fetch);

    internal void Block(int actor, BlockReason reason, int on)
    {
        ref var state = ref Actors[actor];
        Words.Drain(actor); // going to sleep takes locks
        state.Blocked = reason;
        state.BlockedOn = on;
    }

    internal void Wake(int actor)
    {
        ref var state = ref Actors[actor];
        if (state.Blocked is BlockReason.None or BlockReason.Finished)
        {
            return;
        }

        state.Blocked = BlockReason.None;
        Words.Drain(CurrentActor);
        Words.OnWoken(actor);
        Driver.Woken(actor);
    }

    /// <summary>
    /// Whether every vCPU thread would park at its next step. Beginning to pause earlier adds nothing: who has parked already
    /// does nothing until the others have, so the same run exists with the pause begun when the last of them is about to.
    /// </summary>
    internal bool CouldPauseNow()
    {
        for (var vcpu = 0; vcpu < Shape.Vcpus && Shape.PauseToRearm; vcpu++)
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
        Vm.SignalsLeft > 0 && Actors[vcpu].Blocked is (BlockReason.ApfHalt or BlockReason.GuestHalt or BlockReason.LookupSleep);

    /// <summary>A signal ends the sleep of a halted vCPU's thread, not the halt. One that runs takes its signals by choice.</summary>
    internal void Signal(int vcpu)
    {
        Vm.SignalsLeft--;
        Vcpus[vcpu].SignalPending = true;
        Wake(vcpu);
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

    /// <summary>kvm_vcpu_kick: out of the guest, or out of a halt to look whether there is an event; the kick itself is none.</summary>
    internal void Kick(int vcpu)
    {
        ref var v = ref Vcpus[vcpu];
        Words.Drain(CurrentActor); // the IPI
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

    /// <summary>A signal to the vCPU thread: out of the guest, or out of a sleep that goes on after the next KVM_RUN.</summary>
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
        Vm.LiveVcpus = Shape.Vcpus;
        Vm.SignalsLeft = checked((byte)Shape.Environment.Signals);
        Vm.RefusalsLeft = checked((byte)Shape.Environment.RefusedInjections);
        Vm.CopyFailuresLeft = checked((byte)Shape.Environment.FailedCopies);
        Vm.RepeatsLeft = checked((byte)Shape.Environment.RepeatedIoctls);
        Vm.HostileLeft = checked((byte)Shape.Environment.HostileActs);
        Vm.CarelessLeft = checked((byte)Shape.Environment.CarelessReentries);
        for (var actor = Shape.Vcpus; actor < ActorCount; actor++)
        {
            Block(actor, BlockReason.Idle, actor);
        }

        foreach (var region in regions.Where(r => r.Spec.StartsAs != 0))
        {
            region.Fill(0, region.Words, region.Spec.StartsAs);
        }

        Vmm.SetUp();
        for (var vcpu = 0; vcpu < Shape.Vcpus; vcpu++)
        {
            ref var v = ref Vcpus[vcpu];
            v.CurrentTask = -1;
            v.Fetch = -1;
            v.SliceLeftNs = Shape.TimesliceNs;
            v.Step = VcpuStep.RunEntry;
            if (Shape.GuestApf)
            {
                Apf.Enable(vcpu);
            }
        }

        Area.Populate();
        services.Start();
        Words.IsOn = true;
    }
}
