using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>
/// kvm_run as the memory that it is (docs/model.md, rules F6 and F7): what an exit does not write is what an earlier
/// one wrote. Where no exit lacks information for good, nobody can tell, and nothing is kept.
/// </summary>
internal sealed class KvmRun(Machine machine)
{
    private bool IsKept => machine.Config.RefusesLastGfn;

    /// <summary>Rule F6: PROT_NONE, no VMA.</summary>
    public bool Refuses(ulong gfn) => IsKept && gfn == (ulong)machine.Config.Gfns - 1;

    /// <summary>vcpu_run() sets exit_reason to KVM_EXIT_UNKNOWN.</summary>
    public void Begin(ref VcpuState v) => v.RunIsMemoryFault = false;

    /// <summary>kvm_prepare_memory_fault_exit().</summary>
    public void Prepare(ref VcpuState v, ulong gfn, ulong flags, ulong extra)
    {
        if (IsKept)
        {
            (v.RunIsMemoryFault, v.RunGfn, v.RunFlags, v.RunExtra) = (true, gfn, flags, extra);
        }
    }

    /// <summary>Rule V5: whether the VMM takes the exit for a memory fault, which is then the one that kvm_run speaks
    /// of.</summary>
    public bool TellsWhy(int vcpu, ref VcpuState v)
    {
        if (!IsKept || v.Exit.Row().HasFaultInfo)
        {
            return v.Exit.Row().HasFaultInfo;
        }

        if (!v.RunIsMemoryFault && !(machine.Config.Breaks(Rules.V5ReadsReason) && v.RunFlags != 0))
        {
            return false;
        }

        (v.FaultGfn, v.ExitFlags, v.ExitExtra) = (v.RunGfn, v.RunFlags, v.RunExtra);
        machine.Emit(MachineEventKind.StaleMemoryFault, vcpu, v.FaultGfn);
        v.Disposition = machine.Vmm.DispositionAtFault(v.FaultGfn);
        return true;
    }
}
