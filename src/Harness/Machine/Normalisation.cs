using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// Brings a state into a form that is the same for every history that leads to the same future: registers nobody will
/// read again are zeroed, rings start at 0, free lists are in order, counters that only ever are compared are
/// renumbered. The machine goes on from the normal form exactly as it would have from the state itself
/// (tests/Harness.Tests/Checking: NormalisationTests), so a checker may continue from it.
/// </summary>
internal sealed class Normalisation(Machine machine)
{
    /// <summary>What a dead register that names a frame reads, so that renaming frames leaves it alone.</summary>
    public const ulong NoFrame = ulong.MaxValue;

    private readonly int vcpus = machine.Shape.Vcpus;
    private readonly int tasks = machine.Shape.TasksPerVcpu;

    public void Apply()
    {
        ref var vm = ref machine.Vm;
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            Registers(ref machine.Vcpus[vcpu], vm.InvalidateSequence, machine.Shape.TimesliceNs);
            Tasks(vcpu, ref machine.Vcpus[vcpu]);
        }

        vm.InvalidateSequence = 1;
        vm.PrefetchIndex = 0;
        vm.RearmNext = 0;
        machine.Apf.Normalise();
        machine.Book.Normalise();
        machine.Work.Normalise();
        machine.Memory.Normalise();
        machine.Words.Normalise();
        Operations();
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            machine.Actors[vcpu].Gfn = NoFrame;
            machine.Actors[vcpu].Fetch = -1;
        }

        for (var actor = vcpus; actor < machine.ActorCount; actor++)
        {
            Service(actor, ref machine.Actors[actor]);
        }
    }

    /// <summary>Which registers of a vCPU thread are live depends on where it is.</summary>
    private static void Registers(ref VcpuState v, ulong sequence, long timesliceNs)
    {
        var step = v.Step;
        var faulting = step is VcpuStep.FaultSnapshot or VcpuStep.FaultCheck or VcpuStep.FaultLookup or VcpuStep.FaultMap or VcpuStep.LookupSleep;
        var readying = step is VcpuStep.ReadyPrefetch or VcpuStep.ReadyPresent or VcpuStep.ReadyDelivered;
        var inVmm = step is >= VcpuStep.VmmExit and <= VcpuStep.VmmPublish;
        var returning = step == VcpuStep.RunReturn;
        var withFault = inVmm || (returning && v.Exit.Row().Then == AfterExit.VmmHandles);
        v.SequenceSnapshot = (faulting || readying) && v.SequenceSnapshot == sequence ? 1UL : 0;
        v.LastFault = 0;
        v.FaultsInARow = 0;
        v.SliceLeftNs = timesliceNs;
        v.ChunkNs = 0;
        if (!faulting && !withFault)
        {
            v.FaultGfn = NoFrame;
            v.Disposition = 0;
            v.FaultAccess = 0;
        }

        if (!faulting)
        {
            v.MapReadOnly = false;
            v.FaultAccess = 0;
        }

        if (!withFault)
        {
            v.ExitFlags = 0;
            v.ExitExtra = 0;
            v.Wanted = 0;
            v.Fetch = -1;
            v.Owner = false;
            v.Transient &= faulting;
        }

        if (!inVmm)
        {
            v.Wanted = 0;
            v.Fetch = -1;
            v.Owner = false;
        }

        if (!returning && step != VcpuStep.VmmExit)
        {
            v.Exit = RunExit.Fault;
        }

        if (!v.PfPending && step != VcpuStep.GuestNotPresent && v.Handler != VcpuStep.GuestNotPresent)
        {
            v.PfToken = 0;
            v.PfGfn = NoFrame;
            v.PfMarks = 0;
        }

        if (step is VcpuStep.GuestNotPresent or VcpuStep.GuestReadyIrq)
        {
            v.Handler = VcpuStep.GuestRun; // it starts again and will say so itself
        }

        if (!readying)
        {
            v.ReadySlot = -1;
        }

        if (!readying && step is not (VcpuStep.ReadyPop or VcpuStep.VmmFetchStarted or VcpuStep.VmmBoundedWait))
        {
            v.Resume = default;
        }
    }

    private void Tasks(int vcpu, ref VcpuState v)
    {
        for (var task = vcpu * tasks; task < (vcpu + 1) * tasks; task++)
        {
            ref var t = ref machine.Tasks[task];
            t.ApfSwitches = 0;
            t.Marks = 0;
            t.ComputeLeftNs = t.HasStep ? t.ComputeLeftNs : 0;
            if (t.Status != TaskStatus.Sleeping)
            {
                t.Token = 0;
            }

            if (!t.HasStep)
            {
                t.Gfn = NoFrame;
                t.Flags = 0;
                t.NextIndex = 0;
            }
        }

        machine.Guest.SortDummies(vcpu);
    }

    private void Operations()
    {
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            if (machine.Actors[actor].Blocked == BlockReason.None)
            {
                machine.Actors[actor].BlockedOn = 0;
            }

            if (!machine.Actors[actor].InOperation)
            {
                machine.Actors[actor].Predicted = 0;
            }
        }
    }

    private void Service(int actor, ref ActorState state)
    {
        state.Slept = false; // decides a cost only
        if (actor == machine.DeviceActor || actor >= machine.RearmActor)
        {
            state.Fetch = -1;
        }

        if (actor <= machine.DeviceActor)
        {
            state.Gfn = NoFrame;
        }

        if (actor < machine.DeviceActor ? state.Step == ServiceStep.Take : actor == machine.PrefetchActor && state.Step == ServiceStep.Take)
        {
            state.Gfn = NoFrame;
            state.Fetch = -1;
        }
        else if (actor == machine.RearmActor && state.Step is not (ServiceStep.Arm or ServiceStep.Discard))
        {
            state.Gfn = NoFrame;
        }
        else if (actor >= machine.WorkerActor && state.Step != ServiceStep.Work)
        {
            state.Gfn = NoFrame;
        }
    }
}
