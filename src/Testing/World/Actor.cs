using UapiLab.Abstractions;

namespace UapiLab.Testing.World;

/// <summary>A thread that runs code of the encoding: a vCPU thread, an I/O thread, an attacker. Keeps what has to be in
/// order when the code returns.</summary>
internal sealed class Actor(string name)
{
    /// <summary>Accesses that a half may make without a checkpoint, and checkpoints it may pass: far beyond any that
    /// returns.</summary>
    private const int MostCalls = 4_096;
    private const int MostCheckpoints = 20_000;

    private int _callsSinceCheckpoint;
    private int _checkpoints;

    public string Name { get; } = name;

    /// <summary>Whose code runs now; an ioctl changes sides.</summary>
    public bool OnVmmSide { get; set; }

    /// <summary>The fault being answered is KVM's own (rule A11).</summary>
    public bool IsPrefetching { get; set; }

    /// <summary>A read of userspace memory failed, so that an error without fault information is in order.</summary>
    public bool CopyFailed { get; set; }

    public HashSet<(KvmLock Which, int Vcpu)> Locks { get; } = [];

    public void Begin(bool onVmmSide)
    {
        (OnVmmSide, IsPrefetching, CopyFailed) = (onVmmSide, false, false);
        (_callsSinceCheckpoint, _checkpoints) = (0, 0);
    }

    public void CountCall()
    {
        if (++_callsSinceCheckpoint > MostCalls)
        {
            throw new ContractBreach(Breaches.Unbounded, $"{Name}: more than {MostCalls} calls without a checkpoint");
        }
    }

    public void PassCheckpoint()
    {
        _callsSinceCheckpoint = 0;
        if (++_checkpoints > MostCheckpoints)
        {
            throw new ContractBreach(Breaches.Unbounded, $"{Name}: a loop does not end") { MayWait = OnVmmSide };
        }
    }

    public void NeedsLock(KvmLock which, int vcpu, string what)
    {
        if (!Locks.Contains((which, vcpu)))
        {
            throw new ContractBreach(Breaches.Locking, $"{what} without the {which} lock of vCPU {vcpu}");
        }
    }

    public void HoldsNothing(string what)
    {
        if (Locks.Count != 0)
        {
            (var which, var vcpu) = Locks.First();
            throw new ContractBreach(Breaches.Locking, $"{what} with the {which} lock of vCPU {vcpu} held");
        }
    }
}
