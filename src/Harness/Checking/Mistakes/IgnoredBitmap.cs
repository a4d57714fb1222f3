using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>
/// An encoding whose VMM arms a page again in a new bitmap, and gives its address to KVM with the flags that the slot
/// has. By rule M8 the ioctl returns 0 and KVM goes on with the old one. So from then on the VMM's half has words that
/// KVM's half does not look at: those per gfn that the two share.
/// </summary>
internal sealed class IgnoredBitmap : Encoding, IDerivedEncoding
{
    private readonly Dictionary<int, int> _moved = [];

    public IgnoredBitmap(Encoding original)
    {
        Original = original;
        var regions = original.Regions.ToList();
        for (var id = 0; id < original.Regions.Count; id++)
        {
            if (IsGivenByPointer(original.Regions[id]))
            {
                _moved.Add(id, regions.Count);
                regions.Add(original.Regions[id] with
                {
                    Name = original.Regions[id].Name + "_new",
                    Owner = RegionOwner.VmmPrivate,
                    Doc = "What KVM was told of under an unchanged flag.",
                });
            }
        }

        regions.Add(new("new_bitmap", RegionOwner.VmmPrivate, RegionScope.PerVm, 64, 1,
            "0 before the first page, 1 until a page is armed again, 2 from then on.")
        {
            Holds = WordKind.Number,
        });
        Regions = regions;
        Description = original.Description with
        {
            FullName = $"{original.Description.FullName} where a new bitmap is given under an unchanged flag",
        };
    }

    /// <inheritdoc/>
    public Encoding Original { get; }

    /// <inheritdoc/>
    public bool IsCareless => false;

    /// <inheritdoc/>
    public bool UsesOwnEventfd => false;

    /// <inheritdoc/>
    public override EncodingDescription Description { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<RegionSpec> Regions { get; }

    /// <summary>Whether an encoding has words whose address is in the memslot.</summary>
    public static bool Concerns(Encoding encoding) => encoding.Regions.Any(IsGivenByPointer);

    /// <inheritdoc/>
    public Encoding Over(Encoding other) => new IgnoredBitmap(other);

    /// <inheritdoc/>
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => Original.KvmHalf<TKvm>();

    /// <inheritdoc/>
    public override IVmmHalf<TVmm> VmmHalf<TVmm>() =>
        new IgnoredBitmapHalf<TVmm>(Original.VmmHalf<MovedVmm<TVmm>>(), _moved, new(Regions.Count - 1), [.. Regions]);

    private static bool IsGivenByPointer(RegionSpec region) =>
        region is { Owner: RegionOwner.Shared, Scope: RegionScope.PerGfn };
}

/// <summary>The VMM's half of <see cref="IgnoredBitmap"/>.</summary>
internal sealed class IgnoredBitmapHalf<TVmm>(IVmmHalf<MovedVmm<TVmm>> half, IReadOnlyDictionary<int, int> moved,
    Region state, RegionSpec[] regions) : IVmmHalf<TVmm>
    where TVmm : struct, IVmm
{
    private const ulong Started = 1;
    private const ulong Moved = 2;

    /// <summary>Before the guest runs, the pages are armed in the first bitmap. A page that is armed later was
    /// there.</summary>
    public void OnArm(TVmm vmm, ArmRequest request)
    {
        var at = vmm.Load(state, 0);
        if (at == Started)
        {
            foreach (var (old, copy) in moved)
            {
                var word = (request.First.Value * (ulong)regions[old].Count) / (ulong)regions[old].WordBits;
                vmm.Store(new(copy), word, vmm.Load(new(old), word));
            }

            vmm.Store(state, 0, Moved);
            at = Moved;
        }

        half.OnArm(World(vmm, at), request);
    }

    public ExitAction OnExit(TVmm vmm, FaultExit exit, Handling wanted) => half.OnExit(Now(vmm), exit, wanted);

    public void OnContentArrived(TVmm vmm, Gfn gfn)
    {
        var at = vmm.Load(state, 0);
        if (at == 0)
        {
            vmm.Store(state, 0, Started);
        }

        half.OnContentArrived(World(vmm, at), gfn);
    }

    public void OnFetchStarted(TVmm vmm, FetchStart start) => half.OnFetchStarted(Now(vmm), start);

    public void OnVcpuCreated(TVmm vmm, int vcpu) => half.OnVcpuCreated(Now(vmm), vcpu);

    public bool OnTrackWrites(TVmm vmm, Gfn first, ulong count) => half.OnTrackWrites(Now(vmm), first, count);

    public void OnEventfd(TVmm vmm, int eventfd) => half.OnEventfd(Now(vmm), eventfd);

    private MovedVmm<TVmm> Now(TVmm vmm) => World(vmm, vmm.Load(state, 0));

    private MovedVmm<TVmm> World(TVmm vmm, ulong at) => new(vmm, at == Moved ? moved : null);
}

/// <summary>A world in which some regions are others.</summary>
internal readonly struct MovedVmm<TVmm>(TVmm world, IReadOnlyDictionary<int, int>? moved) : IVmm
    where TVmm : struct, IVmm
{
    public ulong Load(Region region, ulong index, MemoryOrder order) => world.Load(At(region), index, order);
    public bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order) =>
        world.TryLoad(At(region), index, out value, order);
    public void Store(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Store(At(region), index, value, order);
    public ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order) =>
        world.Exchange(At(region), index, value, order);
    public ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired, MemoryOrder order) =>
        world.CompareExchange(At(region), index, expected, desired, order);
    public ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order) =>
        world.FetchAnd(At(region), index, mask, order);
    public ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order) =>
        world.FetchOr(At(region), index, bits, order);
    public ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order) =>
        world.FetchAdd(At(region), index, addend, order);
    public void Fence() => world.Fence();
    public void Fill(Region region, ulong first, ulong count, ulong value) =>
        world.Fill(At(region), first, count, value);
    public void Count(int ownEvent) => world.Count(ownEvent);
    public bool HasStopped => world.HasStopped;
    public void Checkpoint(int label, int line = 0) => world.Checkpoint(label, line);
    public void Checkpoint(int label, ref ulong live, int line = 0) => world.Checkpoint(label, ref live, line);
    public void Checkpoint(int label, ref ulong live0, ref ulong live1, int line = 0) =>
        world.Checkpoint(label, ref live0, ref live1, line);

    public long Ioctl(int vcpu, uint number, IoctlArgument argument) => world.Ioctl(vcpu, number, argument);
    public bool AddWaiter(Gfn gfn, Waiter waiter) => world.AddWaiter(gfn, waiter);
    public bool TakeWaiter(Gfn gfn, out Waiter waiter) => world.TakeWaiter(gfn, out waiter);
    public void ReportFault(int vcpu, Gfn gfn) => world.ReportFault(vcpu, gfn);
    public void WriteSeen(Gfn gfn) => world.WriteSeen(gfn);
    public void SignalEventfd(int eventfd) => world.SignalEventfd(eventfd);
    public ulong ReadEventfd(int eventfd) => world.ReadEventfd(eventfd);
    public long UpdateMemslot(bool userfault) => world.UpdateMemslot(userfault);

    private Region At(Region region) =>
        moved is not null && moved.TryGetValue(region.Id, out var copy) ? new(copy, region.WordsPerUnit) : region;
}
