using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Kvm;

namespace UapiLab.Harness.Conformance;

/// <summary>How a run of the vCPU thread towards the guest ended.</summary>
internal enum RunEnd : byte { Entered, Halted, Delivered }

/// <summary>
/// One vCPU of the machine as a puppet: guest and VMM do what the trace says they did, KVM does what the machine's
/// rules say. The rules are not here: every method puts registers where the trace has them and lets
/// <see cref="VcpuThread"/> and
/// <see cref="KvmApf"/> take their steps.
/// </summary>
/// <remarks>A machine of its own for each vCPU, since the vCPUs of a VM share nothing that an APF depends on.</remarks>
internal sealed partial class VcpuMachine : IMachineObserver, IDriver, IChoices, IGuestProgram, IDisposable
{
    private const int Frames = 512;
    private const int MostSteps = 4_096;
    private const int Vcpu = 0;

    private readonly Machine _machine;
    private readonly FrameTable _frames = new(Frames);
    private readonly List<MachineEvent> _emitted = [];
    private readonly List<ulong> _signature = [];

    public VcpuMachine(int vcpuId, MachineSetting setting)
    {
        var clock = new StepClock();
        _machine = new Machine(setting.Shape(vcpuId, Frames), setting.Encoding, this, this, this, this, clock);
        _machine.Vcpus[Vcpu].CurrentTask = 0;
        _machine.Tasks[0].HasStep = true;
    }

    /// <summary>vCPU, in place.</summary>
    public ref VcpuState State => ref _machine.Vcpus[Vcpu];

    public KvmApf Apf => _machine.Apf;

    public bool IsHalted => State.ApfHalted || State.GuestHlt;

    /// <summary>What the last run emitted that a kernel would trace.</summary>
    public IReadOnlyList<MachineEvent> Emitted => _emitted;

    public ulong PageOf(ulong frame) => _frames[frame];

    public void CopyFrom(VcpuMachine other)
    {
        _machine.Restore(other._machine.StateInPlace);
        _frames.CopyFrom(other._frames);
    }

    /// <summary>Whether everything that the future depends on is the same.</summary>
    public bool IsLike(VcpuMachine other)
    {
        VcpuSignature.Write(_signature, _machine, _frames);
        VcpuSignature.Write(other._signature, other._machine, other._frames);
        return _signature.SequenceEqual(other._signature);
    }

    /// <summary>KVM_RUN was called.</summary>
    public void EnterKvm()
    {
        State.Step = VcpuStep.RunEntry;
        RunWhile(VcpuStep.RunEntry);
        if (State.ApfHalted || State.GuestHlt)
        {
            State.Step = VcpuStep.RunLoop;
        }
    }

    /// <summary>A signal makes KVM_RUN return (rules A13, A15, F5).</summary>
    public void Interrupt()
    {
        SettleFault();
        if (!State.RequestReady && State.Step != VcpuStep.RunReturn)
        {
            State.SignalPending = true;
            Wake();
            RunUntil(VcpuStep.RunReturn);
        }

        LeaveKvm();
    }

    /// <summary>KVM_RUN returns, for a reason that is not the machine's.</summary>
    public void LeaveKvm()
    {
        SettleFault();
        if (State.Step != VcpuStep.RunReturn)
        {
            Wake();
            State.Exit = RunExit.Signal;
            State.Step = VcpuStep.RunReturn;
        }

        RunWhile(VcpuStep.RunReturn);
    }

    /// <summary>The guest touched a page that is not mapped: up to the point where it matters whether the content is
    /// there.</summary>
    /// <returns>False if too many pages are in use at once.</returns>
    public bool Fault(ulong page, bool write, bool interruptsOn, bool kernelMode)
    {
        SettleFault();
        var frame = _frames.Of(page, f => _machine.Apf.FindByGfn(Vcpu, (ulong)f) < 0);
        if (frame < 0)
        {
            return false;
        }

        SetGuest(interruptsOn, kernelMode);
        _machine.SharedMemory.SetContent(Vcpu, (ulong)frame, there: false);
        State.FaultGfn = (ulong)frame;
        State.FaultAccess = write ? AccessKind.Write : AccessKind.Read;
        State.Step = VcpuStep.FaultSnapshot;
        _emitted.Clear();
        RunUntil(_machine.Config.KernelApf ? VcpuStep.FaultLookup : VcpuStep.FaultCheck);
        return true;
    }

    /// <summary>The page is missing: the machine starts an APF, finds one, or sleeps.</summary>
    public void LookUpMissing(bool interruptsOn, bool kernelMode)
    {
        SetGuest(interruptsOn, kernelMode);
        _emitted.Clear();
        while (State.Step is VcpuStep.FaultLookup or VcpuStep.FaultAsync)
        {
            _machine.Step(Vcpu);
        }
    }

    /// <summary>Runs the vCPU thread up to the entry, a halt, or a ready event.</summary>
    public RunEnd RunToGuest(bool interruptsOn)
    {
        SettleFault();
        SetGuest(interruptsOn, kernelMode: false);
        _emitted.Clear();
        for (var steps = 0; steps < MostSteps; steps++)
        {
            if (!_machine.IsRunnable(Vcpu))
            {
                return RunEnd.Halted;
            }

            if (State.Step is VcpuStep.GuestRun or VcpuStep.GuestNotPresent or VcpuStep.GuestReadyIrq)
            {
                return RunEnd.Entered;
            }

            _machine.Step(Vcpu);
            if (_emitted is [.., { Kind: MachineEventKind.KvmAsyncPfReady }])
            {
                return RunEnd.Delivered;
            }
        }

        throw new InvalidOperationException("a vCPU thread that never gets to the guest");
    }

    /// <summary>An interrupt or kick that the trace need not show ends a halt.</summary>
    public void OtherInterrupt()
    {
        State.ApfHalted = false;
        State.GuestHlt = false;
        _machine.WakeHalted(Vcpu);
    }

    /// <summary>An APF of which the trace will not show the end.</summary>
    public void Forget(uint token)
    {
        if (_machine.Apf.FindByToken(Vcpu, token) is var slot and >= 0)
        {
            _machine.Apf.Cancel(Vcpu, slot);
        }
    }

    /// <summary>The guest's handler of the #PF zeroes the flags word.</summary>
    public void HandleNotPresent()
    {
        State.SharedFlags = 0;
        State.Step = VcpuStep.GuestRun;
    }

    /// <summary>The guest executes HLT.</summary>
    public void Halt()
    {
        State.GuestHlt = true;
        State.Step = VcpuStep.GuestHalted;
    }

    /// <summary>The guest leaves for KVM.</summary>
    public void Leave() => State.Step = VcpuStep.RunLoop;

    /// <summary>The guest writes the ACK MSR: what was delivered is out of the way, and the done list is looked
    /// at.</summary>
    public void Acknowledge()
    {
        State.PageReadyPending = false;
        State.Resume = VcpuStep.RunLoop;
        State.Step = VcpuStep.ReadyPop;
    }

    /// <summary>Lets the list be looked at after an ACK without anything to deliver.</summary>
    public void LookAtDoneList()
    {
        _emitted.Clear();
        RunUntil(VcpuStep.RunLoop);
    }

    /// <summary>The guest writes the enabling MSR.</summary>
    public void Enable() => _machine.Apf.Enable(Vcpu);

    public void Disable() => _machine.Apf.Clear(Vcpu, QueueClearReason.GuestDisabled);

    /// <summary>Whether a worker asks for a page in this way, after a read of the guest.</summary>
    public bool WorkerWrites(bool writes) => _machine.KernelApf.FaultsForWrite(guestWrites: false) == writes;

    /// <summary>Whether KVM could start an APF now, by its own rule.</summary>
    public bool CanDo(bool interruptsOn)
    {
        SetGuest(interruptsOn, kernelMode: false);
        return _machine.Apf.CanDo(Vcpu);
    }

    public void Dispose() => _machine.Dispose();

    /// <summary>Whatever the fault was waiting for came: the page is there, and is mapped.</summary>
    public void SettleFault()
    {
        if (_machine.Blocked(Vcpu) == BlockReason.LookupSleep)
        {
            var fetch = _machine.FetchTable.Find(State.FaultGfn);
            _machine.SharedMemory.SetContent(Vcpu, State.FaultGfn, there: true);
            _machine.FetchTable.Arrive(fetch);
            _machine.FetchTable.Close(fetch);
            _machine.Vm.UnderWay--;
            _machine.Vm.CompletedCount = 0; // no thread of the VMM is there to take them up
            _machine.FetchTable.TryForget(State.FaultGfn);
        }
        else if (State.Step is VcpuStep.FaultLookup)
        {
            _machine.SharedMemory.SetContent(Vcpu, State.FaultGfn, there: true);
        }

        if (AwaitsCheck)
        {
            CheckFault(marked: false, interruptsOn: true, kernelMode: false);
        }

        if (State.Step is VcpuStep.FaultLookup or VcpuStep.FaultMap or VcpuStep.LookupSleep or VcpuStep.FaultSnapshot)
        {
            RunUntil(VcpuStep.RunLoop);
        }
    }

    private void Wake()
    {
        if (!_machine.IsRunnable(Vcpu))
        {
            _machine.Wake(Vcpu);
        }
    }

    private void RunUntil(VcpuStep stop)
    {
        for (var steps = 0; _machine.IsRunnable(Vcpu) && State.Step != stop; steps++)
        {
            if (steps == MostSteps)
            {
                throw new InvalidOperationException($"a vCPU thread that never gets to {stop}");
            }

            _machine.Step(Vcpu);
        }
    }

    private void RunWhile(VcpuStep step)
    {
        for (var steps = 0; _machine.IsRunnable(Vcpu) && State.Step == step && steps < MostSteps; steps++)
        {
            _machine.Step(Vcpu);
        }
    }

    private void SetGuest(bool interruptsOn, bool kernelMode) =>
        _machine.Tasks[0].Flags =
            (interruptsOn ? GuestStepFlags.None : GuestStepFlags.InterruptsOff) | (kernelMode ? GuestStepFlags.Kernel
                : GuestStepFlags.None);

    void IMachineObserver.On(in MachineEvent e)
    {
        if (e.Kind is MachineEventKind.KvmEntry or MachineEventKind.KvmTryAsyncGetPage
            or MachineEventKind.KvmAsyncPfNotPresent
            or MachineEventKind.KvmAsyncPfRepeatedFault or MachineEventKind.KvmAsyncPfReady
                or MachineEventKind.KvmInjException
            or MachineEventKind.KvmInjVirq or MachineEventKind.KvmUserspaceExit)
        {
            _emitted.Add(e);
        }
    }

    // The guest has no program, the machine has no clock, and nothing is left to choose.
    bool IGuestProgram.TryStep(int task, long index, out GuestStep step)
    {
        step = default;
        return false;
    }

    int IChoices.Choose(ChoiceKind kind, ulong key, int n) => 0;
}
