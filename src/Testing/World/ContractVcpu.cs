using UapiLab.Abstractions;

namespace UapiLab.Testing.World;

/// <summary>An outstanding APF.</summary>
internal sealed class ContractApf(ApfRef reference, Gfn prefault)
{
    public ApfRef Ref { get; } = reference;
    public Gfn Prefault { get; } = prefault;

    /// <summary>Whether the half asked for the injection, and whether the #PF was queued.</summary>
    public bool Offered { get; set; }
    public bool Injected { get; set; }
    public bool Completed { get; set; }
}

/// <summary>What the kit knows of one vCPU: as little as the rules A1 to A14 need.</summary>
internal sealed class ContractVcpu(int number, int apfLimit)
{
    public Actor Thread { get; } = new($"vCPU {number}");

    /// <summary>Held by the thread that is in KVM_RUN, or in an ioctl that takes it; used by real threads
    /// only.</summary>
    public object Mutex { get; } = new();

    public bool InterruptsOn { get; set; } = true;
    public bool InUserMode { get; set; } = true;
    public bool ApfEnabled { get; set; } = true;

    public bool PfPending { get; set; }
    public bool HaltRequested { get; set; }
    public bool Halted { get; set; }

    /// <summary>KVM's next write of an event to guest memory fails.</summary>
    public bool RefusesNext { get; set; }

    /// <summary>The thread is in the middle of an operation.</summary>
    public bool Busy { get; set; }

    /// <summary>KVM_RUN returned with this fault.</summary>
    public FaultExit? Exit { get; set; }
    public bool ExitHandled { get; set; }

    /// <summary>The thread waits for another thread to place and publish the frame of its exit.</summary>
    public bool AwaitsContent { get; set; }

    /// <summary>Outstanding APFs, oldest first, and those of them that are completed, in the order of
    /// completion.</summary>
    public List<ContractApf> Queue { get; } = [];
    public List<ContractApf> Done { get; } = [];

    public ContractApf?[] Slots { get; } = new ContractApf?[apfLimit];
    public uint Tokens { get; set; }

    public void Drop(ContractApf apf)
    {
        Queue.Remove(apf);
        Done.Remove(apf);
        Slots[apf.Ref.Slot % Slots.Length] = null;
    }

    public void DropAll()
    {
        Queue.Clear();
        Done.Clear();
        Array.Clear(Slots);
    }
}
