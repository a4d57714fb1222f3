namespace UapiLab.Harness.Machines.Reduction;

/// <summary>
/// What has been seen of how an encoding guards its words, so that accesses that no other actor can notice need not be
/// scheduling points. It starts from the best (each vCPU's words are its own thread's, or always taken under its APF
/// lock) and only ever learns the contrary; a search during which it learned something is run again (docs/checking.md,
/// "reductions").
/// </summary>
internal sealed class OwnershipTracker
{
    private const int PerRegion = 3;
    private const ulong OwnUnlocked = 1, OthersLocked = 2, OthersUnlocked = 4;

    private ulong _seen;
    private ulong _foreign;

    /// <summary>What was learned so far, for comparison.</summary>
    public (ulong Words, ulong Others) Learned => (Interlocked.Read(ref _seen), Interlocked.Read(ref _foreign));

    /// <summary>Takes what was learned elsewhere.</summary>
    public void Learn(ulong words, ulong others)
    {
        Learn(ref _seen, words);
        Learn(ref _foreign, others);
    }

    /// <summary>Another thread took the vCPU mutex.</summary>
    public bool MutexIsShared => (Interlocked.Read(ref _foreign) & 1) != 0;

    /// <summary>Another thread completed on, or kicked, a vCPU whose queue was empty.</summary>
    public bool EmptyQueuesAreTouched => (Interlocked.Read(ref _foreign) & 2) != 0;

    public void OthersTakeMutex() => Learn(ref _foreign, 1);

    public void OthersTouchEmptyQueue() => Learn(ref _foreign, 2);

    /// <summary>An access to a word of a vCPU's own.</summary>
    public void Access(int region, bool byOwner, bool underLock)
    {
        var bit = byOwner ? (underLock ? 0 : OwnUnlocked) : underLock ? OthersLocked : OthersUnlocked;
        if (bit != 0)
        {
            Learn(ref _seen, bit << (region * PerRegion));
        }
    }

    /// <summary>Whether the region's words are one thread's, or always under the lock.</summary>
    public bool Guards(int region)
    {
        var bits = Interlocked.Read(ref _seen) >> (region * PerRegion) & 7;
        return (bits & OthersUnlocked) == 0 && (bits & (OwnUnlocked | OthersLocked)) != (OwnUnlocked | OthersLocked);
    }

    private static void Learn(ref ulong place, ulong bits)
    {
        if ((Interlocked.Read(ref place) & bits) != bits)
        {
            Interlocked.Or(ref place, bits);
        }
    }
}
