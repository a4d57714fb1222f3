using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>READY to every waiter of a frame.</summary>
internal static class FrameReadies
{
    public static void SendAll<TVmm>(TVmm vmm, Gfn gfn)
        where TVmm : struct, IVmm
    {
        while (true)
        {
            vmm.Checkpoint(0);
            if (!vmm.TakeWaiter(gfn, out Waiter waiter))
            {
                return;
            }

            Send(vmm, waiter.Vcpu, waiter.Cookie);
        }
    }

    public static void Send<TVmm>(TVmm vmm, int vcpu, ulong gpa)
        where TVmm : struct, IVmm =>
        vmm.Ioctl(vcpu, FrameApf.Ioctl, FrameApf.Argument(gpa, FrameApf.Ready));
}
