using System.Runtime.CompilerServices;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>
/// Calls into the two halves, one method each. False: the operation stopped at a scheduling point and the same call
/// must be made again when the actor next steps.
/// </summary>
internal sealed class EncodingCalls(OperationWorld world, IKvmHalf<MachineWorld> kvmHalf,
    IVmmHalf<MachineWorld> vmmHalf)
{
    private readonly MachineWorld _world = new(world);

    /// <summary>The call made last of each operation, so that none is made anew for each.</summary>
    private readonly object?[] _made = new object?[Enum.GetValues<Operation>().Length];

    public bool OnGuestFault(int vcpu, GuestFault fault, out FaultAnswer answer) =>
        Kvm(vcpu, Operation.OnGuestFault, fault, static (half, kvm, fault) => half.OnGuestFault(kvm, fault),
            out answer);

    public bool OnRun(int vcpu, RunEntry entry, out RunAnswer answer) =>
        Kvm(vcpu, Operation.OnRun, entry, static (half, kvm, entry) => half.OnRun(kvm, entry), out answer);

    public bool OnRunReturn(int vcpu) =>
        Kvm(vcpu, Operation.OnRunReturn, vcpu, static (half, kvm, vcpu) => half.OnRunReturn(kvm, vcpu));

    public bool OnBeforeHalt(int vcpu) =>
        Kvm(vcpu, Operation.OnBeforeHalt, vcpu, static (half, kvm, vcpu) => half.OnBeforeHalt(kvm, vcpu));

    public bool OnApfDelivered(int vcpu, ApfRef apf) =>
        Kvm(vcpu, Operation.OnApfDelivered, (vcpu, apf),
            static (half, kvm, a) => half.OnApfDelivered(kvm, a.vcpu, a.apf));

    public bool OnQueueClearing(int vcpu, QueueClearReason reason) =>
        Kvm(vcpu, Operation.OnQueueClearing, (vcpu, reason),
            static (half, kvm, a) => half.OnQueueClearing(kvm, a.vcpu, a.reason));

    public bool OnQueueCleared(int vcpu, QueueClearReason reason) =>
        Kvm(vcpu, Operation.OnQueueCleared, (vcpu, reason),
            static (half, kvm, a) => half.OnQueueCleared(kvm, a.vcpu, a.reason));

    public bool OnMemslotChange(int actor, MemslotChange change) =>
        Kvm(actor, Operation.OnMemslotChange, change, static (half, kvm, change) => half.OnMemslotChange(kvm, change));

    public bool OnWork(int actor, ulong argument) =>
        Kvm(actor, Operation.OnWork, argument, static (half, kvm, argument) => half.OnWork(kvm, argument));

    public bool OnVcpuCreated(int actor, int vcpu) =>
        Vmm(actor, Operation.OnVcpuCreated, vcpu, static (half, vmm, vcpu) => half.OnVcpuCreated(vmm, vcpu));

    public bool OnTrackWrites(int actor, Gfn gfn, out bool isTracked) =>
        Vmm(actor, Operation.OnTrackWrites, gfn, static (half, vmm, gfn) => half.OnTrackWrites(vmm, gfn, 1),
            out isTracked);

    public bool OnArm(int actor, ArmRequest request) =>
        Vmm(actor, Operation.OnArm, request, static (half, vmm, request) => half.OnArm(vmm, request));

    public bool OnExit(int vcpu, FaultExit exit, Handling wanted, out ExitAction action) =>
        Vmm(vcpu, Operation.OnExit, (exit, wanted), static (half, vmm, a) => half.OnExit(vmm, a.exit, a.wanted),
            out action);

    public bool OnFetchStarted(int actor, FetchStart start) =>
        Vmm(actor, Operation.OnFetchStarted, start, static (half, vmm, start) => half.OnFetchStarted(vmm, start));

    public bool OnContentArrived(int actor, Gfn gfn) =>
        Vmm(actor, Operation.OnContentArrived, gfn,
            static (half, vmm, gfn) => half.OnContentArrived(vmm, gfn));

    public bool OnEventfd(int actor, int eventfd) =>
        Vmm(actor, Operation.OnEventfd, eventfd, static (half, vmm, eventfd) => half.OnEventfd(vmm, eventfd));

    /// <summary>An ioctl that no half has asked for.</summary>
    public bool RawIoctl(int actor, IoctlCall call, out long result) =>
        Vmm(actor, Operation.OnIoctl, call,
            static (_, vmm, call) => vmm.Ioctl(call.Vcpu, call.Number, call.Argument), out result);

    private bool Kvm<TArgument>(
        int actor, Operation operation, TArgument argument, Action<IKvmHalf<MachineWorld>, MachineWorld,
            TArgument> call) =>
        Run(kvmHalf, actor, operation, onVmmSide: false, argument, call);

    private bool Kvm<TArgument, TResult>(
        int actor,
        Operation operation,
        TArgument argument,
        Func<IKvmHalf<MachineWorld>, MachineWorld, TArgument, TResult> call,
        out TResult result)
        where TResult : struct =>
        Run(kvmHalf, actor, operation, onVmmSide: false, argument, call, out result);

    private bool Vmm<TArgument>(
        int actor, Operation operation, TArgument argument, Action<IVmmHalf<MachineWorld>, MachineWorld,
            TArgument> call) =>
        Run(vmmHalf, actor, operation, onVmmSide: true, argument, call);

    private bool Vmm<TArgument, TResult>(
        int actor,
        Operation operation,
        TArgument argument,
        Func<IVmmHalf<MachineWorld>, MachineWorld, TArgument, TResult> call,
        out TResult result)
        where TResult : struct =>
        Run(vmmHalf, actor, operation, onVmmSide: true, argument, call, out result);

    private bool Run<THalf, TArgument>(
        THalf half,
        int actor,
        Operation operation,
        bool onVmmSide,
        TArgument argument,
        Action<THalf, MachineWorld, TArgument> call)
    {
        Begin(actor, operation, onVmmSide, argument);
        if (world.TriesTokens)
        {
            // An operation has arguments of one type, so what stands in its place is of this one.
            var made = Unsafe.As<Made<THalf, TArgument>>(_made[(int)operation]) ?? new(this);
            _made[(int)operation] = made;
            (made.Half, made.Argument, made.Call) = (half, argument, call);
            world.Again = made.Again;
        }

        try
        {
            call(half, _world, argument);
            world.Returned();
        }
        catch (Exception e)
        {
            world.Absorb(e);
        }

        return world.End();
    }

    private bool Run<THalf, TArgument, TResult>(
        THalf half,
        int actor,
        Operation operation,
        bool onVmmSide,
        TArgument argument,
        Func<THalf, MachineWorld, TArgument, TResult> call,
        out TResult result)
        where TResult : struct
    {
        result = default;
        Begin(actor, operation, onVmmSide, argument);
        if (world.TriesTokens)
        {
            var made = Unsafe.As<Made<THalf, TArgument, TResult>>(_made[(int)operation]) ?? new(this);
            _made[(int)operation] = made;
            (made.Half, made.Argument, made.Call) = (half, argument, call);
            world.Again = made.Again;
        }

        try
        {
            result = call(half, _world, argument);
            world.Returned();
        }
        catch (Exception e)
        {
            world.Absorb(e);
        }

        return world.End();
    }

    private void Begin<TArgument>(int actor, Operation operation, bool onVmmSide, TArgument argument)
    {
        world.Begin(actor, operation, onVmmSide);
        if (world.IsViewed)
        {
            world.ViewArguments(argument);
        }
    }

    /// <summary>A call that can be made again (<see cref="TokenTrial"/>).</summary>
    private sealed class Made<THalf, TArgument>
    {
        public Made(EncodingCalls by) => Again = numbering =>
        {
            if (numbering == OperationWorld.AsksArguments)
            {
                by.Ask(Argument!);
                return;
            }

            Call!(Half!, by._world, by.Given(Argument!, numbering));
        };

        public THalf? Half { get; set; }
        public TArgument? Argument { get; set; }
        public Action<THalf, MachineWorld, TArgument>? Call { get; set; }
        public Action<int> Again { get; }
    }

    /// <summary>The same of one that has a result.</summary>
    private sealed class Made<THalf, TArgument, TResult>
    {
        public Made(EncodingCalls by) => Again = numbering =>
        {
            if (numbering == OperationWorld.AsksArguments)
            {
                by.Ask(Argument!);
                return;
            }

            by.Note(Call!(Half!, by._world, by.Given(Argument!, numbering)));
        };

        public THalf? Half { get; set; }
        public TArgument? Argument { get; set; }
        public Func<THalf, MachineWorld, TArgument, TResult>? Call { get; set; }
        public Action<int> Again { get; }
    }

    private void Ask<TArgument>(TArgument argument) => world.GivenWords = TokenTrial.Words(argument);

    private TArgument Given<TArgument>(TArgument argument, int numbering) => world.Given(argument, numbering);

    private void Note<TResult>(TResult answer) => world.NoteAnswer(answer);
}
