using UapiLab.Abstractions;

namespace UapiLab.Encodings.AsyncHint;

/// <summary>What both variants do when content arrives.</summary>
internal static class ReadyWaiters
{
    /// <summary>Clears the bit first: a READY may let the guest run at once, and it must not fault again. ENOENT is
    /// normal; the callers say when.</summary>
    public static void Answer<TVmm>(TVmm vmm, Gfn gfn)
        where TVmm : struct, IVmm
    {
        UserfaultBitmap.Clear(vmm, AsyncHintLayout.Bitmap, gfn);
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            vmm.Ioctl(waiter.Vcpu, AsyncHintLayout.AsyncPf, AsyncPfRequest.Of(waiter.Cookie, AsyncHintLayout.Ready));
        }
    }
}
