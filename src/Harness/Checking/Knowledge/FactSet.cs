using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>What is true in a state of vCPU 0 and frame 0, the fault that the table of knowledge follows.</summary>
[Flags]
internal enum Facts : ushort
{
    None = 0,
    /// <summary>The vCPU took a fault.</summary>
    Faulted = 1,
    /// <summary>The VMM has the page before KVM_RUN.</summary>
    AtOnce = 2,
    /// <summary>The VMM handed the fault to an I/O task.</summary>
    HandedOff = 4,
    /// <summary>The fault was wanted for another purpose.</summary>
    OtherPurpose = 8,
    /// <summary>The fetch was under way when the vCPU faulted.</summary>
    WasOnItsWay = 16,
    /// <summary>KVM has injected not-present for it.</summary>
    Injected = 32,
    /// <summary>The frame's content is in guest memory.</summary>
    ContentThere = 64,
    /// <summary>An APF of the vCPU for the frame is outstanding.</summary>
    ApfOutstanding = 128,
    /// <summary>The guest has handled the not-present.</summary>
    NotPresentTaken = 256,
    /// <summary>Every task of the vCPU has ended.</summary>
    Finished = 512,
}

/// <summary>Facts of one state.</summary>
/// <param name="Known">Of vCPU 0 and frame 0.</param>
/// <param name="PresentOfFault">One bit for each vCPU: the frame of the not-present it is about to take is marked
/// present. That it has its content is not enough: until the VMM has said so, mapping it would be wrong.</param>
internal readonly record struct FactSet(Facts Known, byte PresentOfFault)
{
    public static FactSet Of(Machine machine, FaultRecord record)
    {
        var known = Facts.None;
        known |= record.HasFaulted(0) ? Facts.Faulted : 0;
        known |= record.Outcome(0) switch
        {
            FaultOutcome.AtOnce => Facts.AtOnce,
            FaultOutcome.HandedOff => Facts.HandedOff,
            FaultOutcome.OtherPurpose => Facts.OtherPurpose,
            _ => 0,
        };
        known |= record.HasFaulted(0) && record.WasOnItsWay(0) ? Facts.WasOnItsWay : 0;
        known |= record.WasInjected(0) ? Facts.Injected : 0;
        known |= machine.Apf.FindByGfn(0, 0) >= 0 ? Facts.ApfOutstanding : 0;
        ref var first = ref machine.Vcpus[0];
        known |= record.WasInjected(0) && !first.PfPending && first.Step != VcpuStep.GuestNotPresent
            ? Facts.NotPresentTaken : 0;
        known |= first.Step == VcpuStep.Done ? Facts.Finished : 0;
        known |= machine.Memory.HasContent(0) ? Facts.ContentThere : 0;
        byte content = 0;
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            ref var v = ref machine.Vcpus[vcpu];
            content |= (byte)(v.PfPending && v.PfGfn < (ulong)machine.Config.Gfns
                && machine.FetchTable.HasArrived(v.PfGfn) ? 1 << vcpu : 0);
        }

        return new(known, content);
    }
}
