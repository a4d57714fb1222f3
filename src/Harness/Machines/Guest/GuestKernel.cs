using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Guest;

/// <summary>The guest's kernel: tasks bound to vCPUs, the scheduler, and the guest's end of the APF protocol.</summary>
internal sealed class GuestKernel
{
    private readonly Machine _machine;
    private readonly GuestSide _side;
    private readonly int _tasksPerVcpu;

    /// <summary>Tokens woken before their not-present was handled: the dummies of an early wake, per vCPU.</summary>
    private readonly Section<uint> _dummies;

    public GuestKernel(Machine machine, StateBlock block)
    {
        this._machine = machine;
        _side = GuestSide.Create(machine.Config.Guest, machine);
        _tasksPerVcpu = machine.Config.TasksPerVcpu;
        _dummies = block.Reserve<uint>((long)machine.Config.Vcpus * DummyPlaces);
    }

    internal Section<uint> Dummies => _dummies;

    internal int DummyPlaces => _machine.Config.ApfLimit + 1;

    /// <summary>IF of the interrupted context. The idle task runs with interrupts on.</summary>
    public bool InterruptsOn(int vcpu) => !InHandler(vcpu) && !Current(vcpu, GuestStepFlags.InterruptsOff);

    /// <summary>CPL 0 of the interrupted context. The idle task is kernel mode, but it does not fault.</summary>
    public bool InKernelMode(int vcpu) => InHandler(vcpu) || Current(vcpu, GuestStepFlags.Kernel);

    private bool InHandler(int vcpu) => _machine.Vcpus[vcpu].Handler != VcpuStep.GuestRun;

    /// <summary>Tasks other than the current one that could run.</summary>
    public int OtherRunnable(int vcpu) => Others(vcpu, TaskStatus.Runnable);

    /// <summary>Tasks other than the current one that sleep for a page.</summary>
    public int OtherWaiting(int vcpu) => Others(vcpu, TaskStatus.Sleeping);

    private int Others(int vcpu, TaskStatus status)
    {
        var count = 0;
        var current = _machine.Vcpus[vcpu].CurrentTask;
        for (var task = vcpu * _tasksPerVcpu; task < (vcpu + 1) * _tasksPerVcpu; task++)
        {
            if (task != current && _machine.Tasks[task].Status == status)
            {
                count++;
            }
        }

        return count;
    }

    private int CountOf(int vcpu, TaskStatus status)
    {
        var count = 0;
        for (var task = vcpu * _tasksPerVcpu; task < (vcpu + 1) * _tasksPerVcpu; task++)
        {
            count += _machine.Tasks[task].Status == status ? 1 : 0;
        }

        return count;
    }

    private int RunnableTask(int vcpu, int which)
    {
        for (var task = vcpu * _tasksPerVcpu; ; task++)
        {
            if (_machine.Tasks[task].Status == TaskStatus.Runnable && which-- == 0)
            {
                return task;
            }
        }
    }

    /// <summary>Runs the current task up to its next compute, access, fault or end.</summary>
    public void Run(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        if (v.Kicked || (v.IrqPending && InterruptsOn(vcpu)))
        {
            // A kick is a host interrupt, at which every guest exits. A pending interrupt that the guest can take now
            // needs an exit only if the processor does not deliver it by itself.
            _machine.Clock.Spend(v.Kicked ? Cost.VmExit : Cost.IrqWindow);
            _machine.Footprint.DeferToNextStep();
            LeaveGuest(ref v, VcpuStep.RunLoop);
            return;
        }

        if (v.CurrentTask < 0 && !Schedule(vcpu))
        {
            Idle(vcpu);
            return;
        }

        ref var task = ref _machine.Tasks[v.CurrentTask];
        if (!task.HasStep)
        {
            var alternatives = _machine.Program.Alternatives(v.CurrentTask, task.ProgramIndex);
            var chosen = alternatives > 1
                ? _machine.Choices.Choose(ChoiceKind.Program, (ulong)v.CurrentTask, alternatives) : 0;
            if (!_machine.Program.TryStep(v.CurrentTask, task.ProgramIndex, chosen, out var step))
            {
                task.Status = TaskStatus.Done;
                _machine.Emit(MachineEventKind.TaskDone, vcpu, 0, (ulong)v.CurrentTask);
                v.CurrentTask = -1;
                _machine.Clock.Spend(Cost.GuestAccess);
                return;
            }

            task.HasStep = true;
            task.ComputeLeftNs = step.ComputeNs;
            task.Gfn = step.Gfn;
            task.Flags = step.Flags;
            task.NextIndex = _machine.Program.After(task.ProgramIndex, step);
        }

        if (task.ComputeLeftNs > 0)
        {
            Compute(vcpu, ref v, ref task);
            return;
        }

        Access(vcpu, ref v, ref task);
    }

    /// <summary>Books the computing that was done; a kick or the end of the slice may have cut it short.</summary>
    public void EndCompute(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        ref var task = ref _machine.Tasks[v.CurrentTask];
        var spent = v.ChunkNs - _machine.Driver.ComputeUndone(vcpu);
        _machine.Clock.Now += _machine.Memory.MapsSmallPages ? spent * _machine.Clock[Cost.SmallPages] / 1_000 : 0;
        task.ComputeLeftNs -= spent;
        v.SliceLeftNs -= spent;
        v.Step = VcpuStep.GuestRun;
        if (_side.HasTimeslices && v.SliceLeftNs <= 0 && !InKernelMode(vcpu))
        {
            v.SliceLeftNs = _machine.Config.TimesliceNs;
            if (OtherRunnable(vcpu) > 0)
            {
                Schedule(vcpu);
            }
        }
    }

    /// <summary>The #PF handler's APF branch: read and zero the flags word, then sleep by token.</summary>
    public void HandleNotPresent(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        if (_machine.Area.GuestFaults(vcpu, ref v))
        {
            return;
        }

        _machine.Clock.Spend(Cost.GuestFaultHandler);
        _machine.Area.NoteRead(vcpu);
        v.SharedFlags = 0;
        v.Step = VcpuStep.GuestRun;
        if (v.CurrentTask < 0)
        {
            _machine.Violate(ViolationKind.IllegalInjection, vcpu, v.PfGfn); // the idle task is in kernel mode
            return;
        }

        ref var task = ref _machine.Tasks[v.CurrentTask];
        task.Marks = v.PfMarks;
        task.ApfSwitches = 0;
        if (OtherRunnable(vcpu) == 0)
        {
            task.Marks |= ApfMarks.Useless;
        }

        _machine.Emit(MachineEventKind.GuestNotPresent, vcpu, task.Gfn, (ulong)task.Marks);
        if (!_side.SleepsOnNotPresent || TakeDummy(vcpu, v.PfToken))
        {
            return;
        }

        task.Status = TaskStatus.Sleeping;
        task.Token = v.PfToken;
        var sleeper = v.CurrentTask;
        v.CurrentTask = -1;
        Schedule(vcpu, sleeper);
    }

    /// <summary>The page-ready interrupt: EOI, read token, wake, token := 0, ACK, in that order.</summary>
    public void HandleReady(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        if (_machine.Area.GuestFaults(vcpu, ref v))
        {
            return;
        }

        _machine.Area.NoteRead(vcpu);
        _machine.Clock.Spend(Cost.ReadyInterrupt);
        _machine.Clock.Spend(Cost.Eoi);
        Wake(vcpu, v.SharedToken);
        v.SharedToken = _machine.Config.Breaks(Rules.GuestZeroesToken) ? v.SharedToken : 0;
        v.Step = VcpuStep.RunLoop;
        if (_side.Acknowledges)
        {
            _machine.Clock.Spend(Cost.VmExit); // the ACK write: no hardware knows KVM's MSRs
            _machine.Emit(MachineEventKind.KvmMsrAck, vcpu);
            v.PageReadyPending = false;
            v.Resume = VcpuStep.RunLoop;
            v.Step = VcpuStep.ReadyPop;
        }
    }

    private void Compute(int vcpu, ref VcpuState v, ref TaskState task)
    {
        v.ChunkNs = task.ComputeLeftNs;
        if (_side.HasTimeslices && v.ChunkNs > v.SliceLeftNs && OtherRunnable(vcpu) > 0 && !InKernelMode(vcpu))
        {
            v.ChunkNs = Math.Max(1, v.SliceLeftNs);
        }

        v.Step = VcpuStep.GuestComputing;
        _machine.Driver.Compute(vcpu, v.ChunkNs);
        _machine.Clock.Spend(Cost.GuestAccess);
    }

    /// <summary>Why KVM clears the vCPU's queue while its guest stands still.</summary>
    public QueueClearReason WhyCleared(int vcpu) => _machine.Vcpus[vcpu].Resetting
        ? _machine.Config.Environment.ResetBy == ResetWay.Init ? QueueClearReason.Reset : QueueClearReason.GuestDisabled
        : (_machine.Tasks[_machine.Vcpus[vcpu].CurrentTask].Flags & GuestStepFlags.TogglePaging) != 0
            ? QueueClearReason.PagingToggled : QueueClearReason.GuestDisabled;

    /// <summary>A guest that has disabled APF wakes its tasks itself; an SMI it does not even notice.</summary>
    public void OnQueueCleared(int vcpu)
    {
        if (_machine.Vcpus[vcpu].Resetting)
        {
            StartOver(vcpu, ref _machine.Vcpus[vcpu]);
            return;
        }

        if (WhyCleared(vcpu) == QueueClearReason.PagingToggled)
        {
            _machine.Tasks[_machine.Vcpus[vcpu].CurrentTask].Flags &= ~GuestStepFlags.TogglePaging;
            return;
        }

        WakeEverybody(vcpu);
    }

    /// <summary>The guest that ran on the vCPU is gone, with its tasks: another boots there, first with interrupts
    /// off.</summary>
    private void StartOver(int vcpu, ref VcpuState v)
    {
        for (var task = vcpu * _tasksPerVcpu; task < (vcpu + 1) * _tasksPerVcpu; task++)
        {
            _machine.Tasks[task] = default;
        }

        (v.CurrentTask, v.WokenTask, v.Dummies, v.LastFault) = (-1, 0, 0, 0);
        v.Handler = VcpuStep.GuestBoot;
    }

    /// <summary>The new kernel has an APF area of its own, and tells KVM of it.</summary>
    public void Boot(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        _machine.Clock.Spend(Cost.VmExit);
        (v.SharedFlags, v.SharedToken) = (0, 0);
        v.Handler = VcpuStep.GuestRun;
        v.Step = VcpuStep.RunLoop;
        if (_machine.Config.GuestApf)
        {
            _machine.Apf.Enable(vcpu);
        }
    }

    private void Access(int vcpu, ref VcpuState v, ref TaskState task)
    {
        if ((task.Flags & GuestStepFlags.DisableApf) != 0)
        {
            _machine.Clock.Spend(Cost.VmExit);
            task.Flags &= ~GuestStepFlags.DisableApf;
            v.Step = VcpuStep.QueueClearing;
            return;
        }

        if ((task.Flags & GuestStepFlags.TogglePaging) != 0)
        {
            _machine.Clock.Spend(Cost.VmExit);
            if (_machine.Config.Breaks(Rules.A16KeepsQueue))
            {
                v.Step = VcpuStep.QueueClearing;
                return;
            }

            task.Flags &= ~GuestStepFlags.TogglePaging;
        }

        if ((task.Flags & GuestStepFlags.Convert) != 0)
        {
            _machine.Clock.Spend(Cost.VmExit);
            task.Flags &= ~GuestStepFlags.Convert;
            _machine.Memory.Convert(task.Gfn);
            return;
        }

        var write = (task.Flags & GuestStepFlags.Write) != 0;
        if ((task.Flags & GuestStepFlags.NoAccess) == 0)
        {
            var hit = _machine.Driver.Touch(v.CurrentTask, task.Gfn, write);
            switch (hit is null ? _machine.Memory.Access(vcpu, task.Gfn, write)
                : hit.Value ? GuestAccessResult.Hit : GuestAccessResult.Fault)
            {
                case GuestAccessResult.Fault:
                    _machine.Clock.Spend(Cost.VmExit);
                    v.FaultGfn = task.Gfn;
                    v.FaultAccess = write ? AccessKind.Write : AccessKind.Read;
                    v.FaultIsPrivate = _machine.Memory.IsPrivate(task.Gfn);
                    v.Step = VcpuStep.FaultSnapshot;
                    _machine.Emit(MachineEventKind.KvmPageFault, vcpu, task.Gfn, (ulong)v.CurrentTask);
                    return;
                case GuestAccessResult.SpuriousFault:
                    _machine.Clock.Spend(Cost.VmExit);
                    _machine.Emit(MachineEventKind.SpuriousTlbFault, vcpu, task.Gfn);
                    return;
                case GuestAccessResult.HitAfterRewalk:
                    _machine.Clock.Spend(Cost.TlbRewalk);
                    break;
            }

            if (!_machine.SharedMemory.ContentIsThere(vcpu, task.Gfn))
            {
                _machine.Violate(ViolationKind.ReadUnpopulated, vcpu, task.Gfn);
            }

            if (_machine.Memory.IsMappedAsOther(task.Gfn))
            {
                _machine.Emit(MachineEventKind.StaleKind, vcpu, task.Gfn);
            }

            if (write && _machine.Memory.IsTracked(task.Gfn))
            {
                _machine.Emit(MachineEventKind.WriteUnseen, vcpu, task.Gfn, (ulong)v.CurrentTask);
            }
        }

        _machine.Clock.Spend(Cost.GuestAccess);
        _machine.Emit(MachineEventKind.GuestAccessDone, vcpu, task.Gfn, (ulong)v.CurrentTask);
        task.HasStep = false;
        task.ProgramIndex = task.NextIndex;
        v.LastFault = 0;
        Preempt(vcpu, ref v);
    }

    /// <summary>What Linux does when a CPU stops using APF: no task may go on sleeping for a token.</summary>
    public void WakeEverybody(int vcpu) => Wake(vcpu, uint.MaxValue);

    private void Wake(int vcpu, uint token)
    {
        var woken = -1;
        var count = 0;
        for (var task = vcpu * _tasksPerVcpu; task < (vcpu + 1) * _tasksPerVcpu; task++)
        {
            ref var t = ref _machine.Tasks[task];
            if (t.Status == TaskStatus.Sleeping && (token == uint.MaxValue || t.Token == token))
            {
                t.Status = TaskStatus.Runnable;
                woken = task;
                count++;
                _machine.Emit(MachineEventKind.GuestWake, vcpu, t.Gfn, (ulong)task);
            }
        }

        ref var v = ref _machine.Vcpus[vcpu];
        if (woken >= 0)
        {
            if (_side.PreemptsOnWake && v.CurrentTask >= 0 && (count == 1 || !_machine.Config.FreePolicy))
            {
                v.WokenTask = woken + 1;
                Preempt(vcpu, ref v);
            }
        }
        else if (token != uint.MaxValue && token != 0)
        {
            _machine.Emit(MachineEventKind.GuestEarlyWake, vcpu, 0, token);
            if (!_machine.Config.Breaks(Rules.GuestDummy))
            {
                AddDummy(vcpu, token);
            }
        }
    }

    /// <summary>Lets a task that was woken run at once; a kernel section is not preempted, it ends first.</summary>
    private void Preempt(int vcpu, ref VcpuState v)
    {
        if (v.WokenTask == 0 || InKernelMode(vcpu))
        {
            return;
        }

        var woken = v.WokenTask - 1;
        v.WokenTask = 0;
        if (_machine.Tasks[woken].Status == TaskStatus.Runnable)
        {
            SwitchTo(vcpu, woken);
        }
    }

    /// <summary>Picks the next runnable task in turn; false leaves the vCPU idle.</summary>
    private bool Schedule(int vcpu, int sleeper = -1)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        var first = vcpu * _tasksPerVcpu;
        if (_machine.Config.FreePolicy)
        {
            var runnable = CountOf(vcpu, TaskStatus.Runnable);
            if (runnable > 0)
            {
                SwitchTo(vcpu,
                    RunnableTask(vcpu, runnable == 1 ? 0
                    : _machine.Choices.Choose(ChoiceKind.Schedule, (ulong)vcpu, runnable)), sleeper);
                return true;
            }
        }

        var after = v.CurrentTask >= 0 ? v.CurrentTask : sleeper >= 0 ? sleeper : first + _tasksPerVcpu - 1;
        for (var i = 1; i <= _tasksPerVcpu; i++)
        {
            var task = first + ((after - first + i) % _tasksPerVcpu);
            if (_machine.Tasks[task].Status == TaskStatus.Runnable)
            {
                SwitchTo(vcpu, task, sleeper);
                return true;
            }
        }

        if (sleeper >= 0)
        {
            _machine.Clock.Spend(Cost.GuestSwitch); // to the idle task
            _machine.Tasks[sleeper].ApfSwitches++;
            _machine.Emit(MachineEventKind.GuestSwitch, vcpu, 0, ulong.MaxValue);
        }

        return false;
    }

    private void SwitchTo(int vcpu, int task, int sleeper = -1)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        if (v.CurrentTask == task)
        {
            return;
        }

        v.CurrentTask = task;
        v.WokenTask = 0;
        v.SliceLeftNs = _machine.Config.TimesliceNs;
        _machine.Clock.Spend(Cost.GuestSwitch);
        if (sleeper >= 0)
        {
            _machine.Tasks[sleeper].ApfSwitches++;
        }

        ref var t = ref _machine.Tasks[task];
        if (t.Token != 0)
        {
            t.ApfSwitches++; // the switch back that its APF made necessary
            _machine.Emit(MachineEventKind.GuestSwitch, vcpu, (ulong)t.ApfSwitches, (ulong)t.Marks);
            t.Token = 0;
        }
        else
        {
            _machine.Emit(MachineEventKind.GuestSwitch, vcpu, 0, 0);
        }
    }

    private void Idle(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        var ended = true;
        for (var task = vcpu * _tasksPerVcpu; task < (vcpu + 1) * _tasksPerVcpu; task++)
        {
            ended &= _machine.Tasks[task].Status == TaskStatus.Done;
        }

        _machine.Clock.Spend(Cost.VmExit);
        if (ended)
        {
            LeaveGuest(ref v, VcpuStep.Done);
            return;
        }

        _machine.Footprint.DeferToNextStep(); // at what would wake it
        _machine.Emit(MachineEventKind.GuestHalt, vcpu);
        v.GuestHlt = true;
        LeaveGuest(ref v, VcpuStep.GuestHalted);
    }

    private static void LeaveGuest(ref VcpuState v, VcpuStep step) => v.Step = step;

    private bool Current(int vcpu, GuestStepFlags flag)
    {
        var current = _machine.Vcpus[vcpu].CurrentTask;
        return current >= 0 && _machine.Tasks[current].HasStep && (_machine.Tasks[current].Flags & flag) != 0;
    }

    private void AddDummy(int vcpu, uint token)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        if (v.Dummies == DummyPlaces)
        {
            _machine.Violate(ViolationKind.UnmatchedReady, vcpu, 0);
            return;
        }

        _dummies[((long)vcpu * DummyPlaces) + v.Dummies++] = token;
    }

    private bool TakeDummy(int vcpu, uint token)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        for (var i = 0; i < v.Dummies; i++)
        {
            ref var dummy = ref _dummies[((long)vcpu * DummyPlaces) + i];
            if (dummy == token)
            {
                dummy = _dummies[((long)vcpu * DummyPlaces) + --v.Dummies];
                return true;
            }
        }

        return false;
    }

    /// <summary>See <see cref="Normalisation"/>: dummies are a set.</summary>
    public void SortDummies(int vcpu)
    {
        var all = _dummies.Span((long)vcpu * DummyPlaces, DummyPlaces);
        all[_machine.Vcpus[vcpu].Dummies..].Clear();
        all[.._machine.Vcpus[vcpu].Dummies].Sort();
    }

    /// <summary>Early wakes that no task ever claimed: page-readies without a not-present.</summary>
    public int UnclaimedWakes(int vcpu) => _machine.Vcpus[vcpu].Dummies;
}
