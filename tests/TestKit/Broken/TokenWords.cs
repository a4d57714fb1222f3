using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Regions, flags and bitmap arithmetic of the small token-keyed encoding that the broken ones are variations of.</summary>
internal static class TokenWords
{
    public const ulong Userfault = 1UL << 4;
    public const ulong AsyncPf = 1UL << 5;
    public const uint Ready = 0xd6;

    public static Region Bitmap => new(0);

    /// <summary>1 = completed; freed on delivery.</summary>
    public static Region Completed => new(1);

    public static IReadOnlyList<RegionSpec> Regions =>
    [
        new("userfault_bitmap", RegionOwner.Shared, RegionScope.PerGfn, 64, 1, "1 = a fault exits to userspace."),
        new("completed", RegionOwner.KvmPrivate, RegionScope.PerApf, 32, 1, "1 = completed and not delivered."),
    ];

    public static ulong WordOf(Gfn gfn) => gfn.Value / 64;

    public static ulong BitOf(Gfn gfn) => 1UL << (int)(gfn.Value % 64);

    public static void Clear<TVmm>(TVmm vmm, Gfn gfn, MemoryOrder order = MemoryOrder.Release)
        where TVmm : struct, IVmm =>
        vmm.FetchAnd(Bitmap, WordOf(gfn), ~BitOf(gfn), order);

    public static void Arm<TVmm>(TVmm vmm, ArmRequest request)
        where TVmm : struct, IVmm
    {
        ulong next = request.First.Value;
        ulong end = next + request.Count;
        while (true)
        {
            vmm.Checkpoint(7, ref next);
            if (next >= end)
            {
                break;
            }

            int from = (int)(next % 64);
            int to = (int)Math.Min(64, (ulong)from + (end - next));
            vmm.FetchOr(Bitmap, next / 64, (ulong.MaxValue << from) & (ulong.MaxValue >> (64 - to)));
            next += (ulong)(to - from);
        }

        vmm.Fence();
    }
}
