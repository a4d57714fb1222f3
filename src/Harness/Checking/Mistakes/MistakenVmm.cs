using UapiLab.Abstractions;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>The world of a VMM's half that makes a mistake.</summary>
internal readonly struct MistakenVmm<TVmm>(MistakenCall<TVmm> call) : IVmm
    where TVmm : struct, IVmm
{
    public ulong Load(Region region, ulong index, MemoryOrder order) => call.Load(region, index, order);
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        call.TryLoad(region, index, out value, order);
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        call.Store(region, index, value, order);
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        call.Exchange(region, index, value, order);
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        call.CompareExchange(region, index, expected, desired, order);
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        call.FetchAnd(region, index, mask, order);
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        call.FetchOr(region, index, bits, order);
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        call.FetchAdd(region, index, addend, order);
    public void Fence() => call.Fence();
    public void Fill(Region region, ulong first, ulong count, ulong value) => call.Fill(region, first, count, value);
    public void Count(int ownEvent) => call.Count(ownEvent);
    public bool HasStopped => call.World.HasStopped;
    public void Checkpoint(int label, int line = 0) => call.Checkpoint(label, line);
    public void Checkpoint(int label, ref ulong live, int line = 0) => call.Checkpoint(label, ref live, line);
    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0) =>
        call.Checkpoint(label, ref live0, ref live1, line);

    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => call.Ioctl(vcpu, number, argument);
    public bool AddWaiter(Gfn gfn, Waiter waiter) => call.AddWaiter(gfn, waiter);
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => call.TakeWaiter(gfn, out waiter);
    public void ReportFault(int vcpu, Gfn gfn) => call.ReportFault(vcpu, gfn);
    public void WriteSeen(Gfn gfn) => call.WriteSeen(gfn);
    public void SignalEventfd(int eventfd) => call.SignalEventfd(eventfd);
    public ulong ReadEventfd(int eventfd) => call.ReadEventfd(eventfd);
    public long UpdateMemslot(bool userfault) => call.UpdateMemslot(userfault);
}
