namespace UapiLab.Harness.Machines.Kvm;

/// <summary>
/// KVM's own writers of guest memory (docs/model.md, rule P4): pvclock, steal time, PV EOI, string I/O; or its readers.
/// They run on the vCPU's thread before an entry, go through the host's mapping, and ask no encoding.
/// </summary>
internal sealed class KvmWriter(Machine machine)
{
    /// <returns>Whether the thread sleeps until the page is placed.</returns>
    public bool Sleeps(int vcpu)
    {
        if (machine.Vm.KvmWritesLeft == 0)
        {
            return false;
        }

        var target = machine.Choices.Choose(ChoiceKind.KvmWrite, (ulong)vcpu, (int)machine.Config.Gfns + 1);
        if (target == 0)
        {
            return false;
        }

        machine.Vm.KvmWritesLeft--;
        machine.Footprint.IsVisible = true;
        var gfn = (ulong)target - 1;
        switch (machine.Config.Backing)
        {
            case Backing.GuestMemfd: // nothing is mapped there: the write fails, and its writer does without
            case Backing.GuestMemfdBeside: // it goes elsewhere
                return false;
            case Backing.Userfaultfd or Backing.Swap:
                machine.Vmm.SleepUntilPlaced(vcpu, gfn);
                return true;
            case var _ when machine.Config.Environment.KvmReads: // rule P1: zeros, on the guest's behalf
                machine.Emit(MachineEventKind.KvmReadsPage, vcpu, gfn);
                machine.Violate(ViolationKind.ReadUnpopulated, vcpu, gfn);
                return false;
            default:
                machine.Memory.Fill(gfn);
                machine.Emit(MachineEventKind.KvmWritesPage, vcpu, gfn);
                return false;
        }
    }
}
