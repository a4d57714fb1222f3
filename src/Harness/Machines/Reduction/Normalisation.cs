namespace UapiLab.Harness.Machines.Reduction;

/// <summary>
/// Brings a state into a form that is the same for every history that leads to the same future: registers that will
/// not be read again are cleared (the declaration of each field in MachineState.cs says in which conditions it is
/// live, and which of those hold is said here), rings start at 0, free lists are in order, counters that only ever
/// are compared are renumbered. The machine goes on from the normal form exactly as it would have from the state
/// itself (tests/Harness.Tests/Checking: NormalisationTests), so a checker may continue from it.
/// </summary>
internal sealed class Normalisation(Machine machine)
{
    /// <summary>What a dead register that names a frame reads, so that renaming frames leaves it alone.</summary>
    public const ulong NoFrame = ulong.MaxValue;

    private readonly int _vcpus = machine.Config.Vcpus;
    private readonly int _tasks = machine.Config.Vcpus * machine.Config.TasksPerVcpu;

    public void Apply()
    {
        for (var vcpu = 0; vcpu < _vcpus; vcpu++)
        {
            Vcpu(ref machine.Vcpus[vcpu]);
            machine.Guest.SortDummies(vcpu);
        }

        for (var task = 0; task < _tasks; task++)
        {
            ref var t = ref machine.Tasks[task];
            StateTable<TaskState>.Clear(ref t, (int)Of(t));
        }

        machine.Vm.InvalidateSequence = 1;
        StateTable<VmState>.Clear(ref machine.Vm, (int)Live.Always);
        machine.Apf.Normalise();
        machine.FetchTable.Normalise();
        machine.Work.Normalise();
        machine.Memory.Normalise();
        machine.SharedMemory.Normalise();
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            ref var a = ref machine.Actors[actor];
            StateTable<ActorState>.Clear(ref a, (int)Of(actor, a));
        }
    }

    /// <summary>The same, of a state that a step has led to from a normal one: a part that is as it was is in normal
    /// form already.</summary>
    /// <param name="before">The normal state, up to the records of operations.</param>
    public void ApplySince(ReadOnlySpan<byte> before)
    {
        ref var vm = ref machine.Vm;
        var isSequenceAsBefore = vm.InvalidateSequence == machine.VmSection.In(before)[0].InvalidateSequence;
        for (var vcpu = 0; vcpu < _vcpus; vcpu++)
        {
            var isAsBefore = machine.Vcpus.IsAsIn(before, vcpu, 1);
            if (!isAsBefore || !isSequenceAsBefore)
            {
                Vcpu(ref machine.Vcpus[vcpu]);
            }

            machine.Guest.SortDummies(vcpu);
            machine.Apf.NormaliseSince(before, vcpu, isAsBefore);
        }

        for (var task = 0; task < _tasks; task++)
        {
            ref var t = ref machine.Tasks[task];
            if (!machine.Tasks.IsAsIn(before, task, 1))
            {
                StateTable<TaskState>.Clear(ref t, (int)Of(t));
            }
        }

        vm.InvalidateSequence = 1;
        StateTable<VmState>.Clear(ref vm, (int)Live.Always);
        machine.FetchTable.NormaliseSince(before);
        machine.Work.Normalise();
        machine.Memory.Normalise();
        machine.SharedMemory.Normalise();
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            ref var a = ref machine.Actors[actor];
            if (!machine.Actors.IsAsIn(before, actor, 1))
            {
                StateTable<ActorState>.Clear(ref a, (int)Of(actor, a));
            }
        }
    }

    private void Vcpu(ref VcpuState v)
    {
        v.SequenceSnapshot = v.SequenceSnapshot == machine.Vm.InvalidateSequence ? 1UL : 0;
        v.SliceLeftNs = machine.Config.TimesliceNs;
        StateTable<VcpuState>.Clear(ref v, (int)Of(v));
    }

    /// <summary>Which registers of a vCPU thread are live depends on where it is.</summary>
    private VcpuLive Of(in VcpuState v)
    {
        var live = VcpuLive.Always | (machine.Config.RefusesLastGfn ? VcpuLive.KvmRun : VcpuLive.Never);
        switch (v.Step)
        {
            case var step when VcpuSteps.InFault(step):
                live |= VcpuLive.InFault;
                break;
            case var step when VcpuSteps.InReady(step):
                live |= VcpuLive.InReady | VcpuLive.Resuming;
                break;
            case VcpuStep.ReadyPop:
                live |= VcpuLive.Resuming;
                break;
            case VcpuStep.RunReturn:
                live |= VcpuLive.Returning
                    | (v.Exit.Row().Then == AfterExit.VmmHandles ? VcpuLive.WithExit : VcpuLive.Never);
                break;
            case var step when VcpuSteps.InVmm(step):
                live |= VcpuLive.InVmm | VcpuLive.WithExit
                    | (step == VcpuStep.VmmExit ? VcpuLive.Returning : VcpuLive.Never)
                    | (step is VcpuStep.VmmFetchStarted or VcpuStep.VmmBoundedWait
                        ? VcpuLive.Resuming : VcpuLive.Never);
                break;
        }

        if (v.Step == VcpuStep.Prefault)
        {
            live |= VcpuLive.WithExit | VcpuLive.InReady;
        }

        if (v.Resetting)
        {
            live |= VcpuLive.Resuming | (v.Resume == VcpuStep.VmmExit ? VcpuLive.InVmm | VcpuLive.WithExit
                | VcpuLive.Returning : VcpuLive.Never);
        }

        if (v.PfPending || v.Step == VcpuStep.GuestNotPresent || v.Handler == VcpuStep.GuestNotPresent)
        {
            live |= VcpuLive.NotPresent;
        }

        return v.Step is VcpuStep.GuestNotPresent or VcpuStep.GuestReadyIrq ? live : live | VcpuLive.OutsideHandlers;
    }

    private static TaskLive Of(in TaskState t) => TaskLive.Always
        | (t.HasStep ? TaskLive.HasStep : TaskLive.Never)
        | (t.Status == TaskStatus.Sleeping ? TaskLive.Sleeping : TaskLive.Never);

    private ActorLive Of(int actor, in ActorState a)
    {
        var live = ActorLive.Always;
        if (actor < _vcpus || actor == machine.DeviceActor)
        {
            // Its registers are elsewhere.
        }
        else if (actor < machine.DeviceActor)
        {
            live |= a.Step == ServiceStep.Take ? ActorLive.Never : ActorLive.AtFetch;
        }
        else if (actor == machine.PrefetchActor)
        {
            live |= a.Step == ServiceStep.Take ? ActorLive.Never : ActorLive.AtFrame | ActorLive.AtFetch;
        }
        else if (actor == machine.RearmActor)
        {
            live |= a.Step is ServiceStep.Arm or ServiceStep.Discard ? ActorLive.AtFrame : ActorLive.Never;
        }
        else
        {
            live |= a.Step == ServiceStep.Work ? ActorLive.AtFrame : ActorLive.Never;
        }

        return live
            | (a.Blocked != BlockReason.None ? ActorLive.Blocked : ActorLive.Never)
            | (a.InOperation ? ActorLive.InOperation : ActorLive.Never);
    }
}
