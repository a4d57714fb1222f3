using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Registry;

/// <summary>KVM's half of one version and the VMM's half of another, over the memory and the calls of both. The halves
/// share nothing else, so a pair of versions is an encoding like any other.</summary>
public sealed class VersionPair : Encoding
{
    private readonly Encoding _kvm;
    private readonly Encoding _vmm;

    private VersionPair(Encoding kvm, Encoding vmm, string fullName)
    {
        this._kvm = kvm;
        this._vmm = vmm;
        var (older, newer) = kvm.Regions.Count <= vmm.Regions.Count ? (kvm, vmm) : (vmm, kvm);
        RefuseMovedRegions(older, newer, fullName);
        Regions = [.. newer.Regions.Select((region, place) => place < older.Regions.Count ? region : Added(region))];
        Description = Describe(kvm.Description, vmm.Description, fullName);
    }

    /// <summary>The pair of two versions of an encoding, counted from 1; 0 is what it builds on.</summary>
    /// <exception cref="InputException">There is no such version, or the two disagree on memory that both
    /// have.</exception>
    public static Encoding Of(Encoding encoding, int kvm, int vmm)
    {
        var versions = encoding.Versions;
        var (kvmSide, vmmSide) = (Version(versions, kvm), Version(versions, vmm));
        return kvm == vmm ? kvmSide
            : new VersionPair(kvmSide, vmmSide, VersionNames.Add(versions[0].Description.FullName, kvm, vmm));
    }

    private static Encoding Version(IReadOnlyList<Encoding> versions, int number)
    {
        var lowest = versions[0].BuildsOn is null ? 1 : 0;
        var highest = versions.Count;
        return number >= lowest && number <= highest
            ? number == 0 ? versions[0].BuildsOn! : versions[number - 1]
            : throw new InputException(versions[0].Description.FullName, Invariant(
                $"there is no v{number}, expected ")
                    + Invariant($"{(lowest == highest
                        ? "v1: the uAPI has one version" : $"v{lowest} to v{highest}")}"));
    }

    /// <inheritdoc/>
    public override EncodingDescription Description { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<RegionSpec> Regions { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Encoding> Versions => Newer.Versions;

    /// <inheritdoc/>
    public override Encoding? BuildsOn => Newer.BuildsOn;

    /// <summary>Whose code it runs: the newer half's, for the question whether it has changed.</summary>
    public Encoding Newer => _kvm.Regions.Count >= _vmm.Regions.Count ? _kvm : _vmm;

    /// <inheritdoc/>
    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => _kvm.KvmHalf<TKvm>();

    /// <inheritdoc/>
    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => _vmm.VmmHalf<TVmm>();

    /// <summary>What only a newer KVM looks at is, in an older VMM, whatever happens to be there: KVM checks neither
    /// padding nor memory that userspace did not tell it of. A VMM that knows the region has zeroed it.</summary>
    private RegionSpec Added(RegionSpec region) =>
        region.Owner == RegionOwner.Shared && _vmm.Regions.Count < _kvm.Regions.Count
            ? region with { StartsAs = ulong.MaxValue } : region;

    /// <summary>What the two halves were written against, as far as the machine asks: KVM's locks and mutexes, every
    /// call that either knows. A call that KVM does not know is answered as any KVM answers it.</summary>
    private static EncodingDescription Describe(EncodingDescription kvm, EncodingDescription vmm, string fullName) =>
        kvm with
        {
            FullName = fullName,
            ExitExtra = kvm.ExitExtra == vmm.ExitExtra ? kvm.ExitExtra : WordKind.Opaque,
            WaiterCookie = vmm.WaiterCookie,
            Ioctls =
        [
            .. kvm.Ioctls,
            .. vmm.Ioctls.Where(theirs => kvm.Ioctls.All(ours => ours.Number != theirs.Number))
                .Select(unknown => unknown with
            {
                TakesVcpuMutex = false,
                Errors = [(Errno.Invalid, "this KVM knows neither the ioctl nor its capability")],
            }),
        ],
        };

    private static void RefuseMovedRegions(Encoding older, Encoding newer, string fullName)
    {
        for (var place = 0; place < older.Regions.Count; place++)
        {
            var (before, after) = (older.Regions[place], newer.Regions[place]);
            if ((before.Name, before.Owner, before.Scope, before.WordBits, before.Count) != (after.Name, after.Owner,
                after.Scope, after.WordBits, after.Count))
            {
                throw new InputException(fullName,
                    Invariant($"region {place} is {before.Name} in one version and {after.Name} of another shape or ")
                    + Invariant($"name in the other, expected a version to append regions only"));
            }
        }
    }
}
