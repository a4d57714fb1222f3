using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines.Guest;

/// <summary>
/// The page in which the guest keeps the flags and token words, where it lies in the armed slot (docs/model.md, rules
/// P1 to P3). To the guest it is memory like any other; KVM reads and writes it through the host's mapping and asks no
/// encoding.
/// </summary>
internal sealed class ApfArea(Machine machine)
{
    private bool IsInSlot => machine.Config.ApfAreaGfn >= 0;

    private ulong Gfn => (ulong)machine.Config.ApfAreaGfn;

    private bool IsMissing => IsInSlot && !machine.Memory.HasContent(Gfn);

    /// <summary>Rule P1: where the host has mapped the memory KVM's access finds a zero page at worst and goes ahead;
    /// without a host mapping it fails, whether the guest's page is there or not.</summary>
    public bool KvmCanAccess => !IsInSlot || machine.Config.Backing != Backing.GuestMemfd;

    /// <summary>Rule P5: the words that KVM writes are in other memory than those that the guest reads.</summary>
    public void NoteRead(int vcpu)
    {
        if (IsInSlot && machine.Config.Backing == Backing.GuestMemfdBeside)
        {
            machine.Emit(MachineEventKind.WordsUnseen, vcpu);
        }
    }

    /// <summary>A machine begins with the page there, mapped and not armed: the guest wrote to it when it enabled
    /// APF.</summary>
    public void Populate()
    {
        if (IsInSlot)
        {
            machine.SharedMemory.SetContent(machine.RearmActor, Gfn, there: true);
            machine.FetchTable.MarkArrived(Gfn);
            machine.Memory.Map(Gfn, writable: true);
        }
    }

    /// <summary>Rule P1: over userfaultfd KVM's access sleeps on the vCPU thread until the page is placed.</summary>
    /// <returns>Whether it sleeps.</returns>
    public bool KvmSleeps(int vcpu, ref VcpuState v)
    {
        if (!IsMissing || !machine.Config.LookupWaits || !v.ApfEnabled || v.DoneCount == 0)
        {
            return false;
        }

        machine.Footprint.IsVisible = true;
        machine.Vmm.SleepUntilPlaced(vcpu, Gfn);
        return true;
    }

    /// <summary>Rule P2: a handler of the guest reads the words, and may fault on their page like on any other, with
    /// interrupts off.</summary>
    /// <returns>Whether it faulted; the handler starts again when the page is there.</returns>
    public bool GuestFaults(int vcpu, ref VcpuState v)
    {
        if (!IsInSlot || machine.Memory.Access(vcpu, Gfn, write: true) is GuestAccessResult.Hit
            or GuestAccessResult.HitAfterRewalk)
        {
            v.Handler = VcpuStep.GuestRun;
            return false;
        }

        machine.Footprint.IsVisible = true;
        v.Handler = v.Step;
        v.FaultGfn = Gfn;
        v.FaultAccess = AccessKind.Write;
        v.Step = VcpuStep.FaultSnapshot;
        machine.Emit(MachineEventKind.KvmPageFault, vcpu, Gfn, (ulong)Math.Max(v.CurrentTask, 0));
        return true;
    }

    /// <summary>At the destination: the words are in the snapshot, and where the page has not come yet neither side
    /// sees them.</summary>
    public void Restore()
    {
        if (machine.Config.Restores!.Area == ApfAreaAtRestore.Armed)
        {
            machine.SharedMemory.SetContent(machine.RearmActor, Gfn, there: true);
            machine.FetchTable.MarkArrived(Gfn);
        }

        for (var vcpu = 0; IsMissing && vcpu < machine.Config.Vcpus; vcpu++)
        {
            ref var v = ref machine.Vcpus[vcpu];
            (v.AreaFlags, v.AreaToken) = (v.SharedFlags, v.SharedToken);
            (v.SharedFlags, v.SharedToken) = (0, 0);
        }
    }

    /// <summary>Rule P3: the thread that places the page writes over what KVM wrote into it meanwhile.</summary>
    public void OnPlaced(ulong gfn)
    {
        for (var vcpu = 0; IsInSlot && gfn == Gfn && vcpu < machine.Config.Vcpus; vcpu++)
        {
            ref var v = ref machine.Vcpus[vcpu];
            (v.SharedFlags, v.SharedToken) = (v.AreaFlags, v.AreaToken);
            (v.AreaFlags, v.AreaToken) = (0, 0);
        }
    }
}
