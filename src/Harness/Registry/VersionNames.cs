using System.Globalization;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Registry;

/// <summary>Versions as typed: <c>version=v2</c>, or <c>kvm=v2,vmm=v1</c> where the halves differ.</summary>
internal static class VersionNames
{
    /// <summary>Option for both halves.</summary>
    public const string Both = "version";

    /// <summary>Option for KVM's half.</summary>
    public const string Kvm = "kvm";

    /// <summary>Option for the VMM's half.</summary>
    public const string Vmm = "vmm";

    /// <summary>Names that no family may use for an option of its own.</summary>
    public static IReadOnlyList<string> All => [Both, Kvm, Vmm];

    /// <summary>The name of version 1 with others for its halves.</summary>
    public static string Add(string fullName, int kvm, int vmm)
    {
        var options = kvm == vmm
            ? kvm == 1 ? "" : Invariant($"{Both}=v{kvm}")
            : string.Join(',', new[] { (Kvm, kvm), (Vmm, vmm) }.Where(half => half.Item2 != 1)
                .Select(half => Invariant($"{half.Item1}=v{half.Item2}")));
        return options.Length == 0 ? fullName
            : fullName + (fullName.Contains(':', StringComparison.Ordinal) ? ',' : ':') + options;
    }

    /// <summary>What a specification says of versions: 1 where it says nothing.</summary>
    /// <exception cref="InputException">A version is no version, or is said twice.</exception>
    public static (int Kvm, int Vmm) Of(string spec, SpecText parsed)
    {
        var (kvm, vmm) = (Find(Kvm), Find(Vmm));
        return Find(Both) is not { } both ? (kvm ?? 1, vmm ?? 1)
            : kvm is null && vmm is null ? (both, both)
            : throw new InputException(spec, $"{Both} says it for both halves, expected it alone, or {Kvm} and {Vmm}");

        int? Find(string name) => parsed.Options.FirstOrDefault(o => o.Key == name).Value is { } value
            ? value.StartsWith('v')
                && int.TryParse(value.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InputException(spec, $"{name}={value}: expected v1, v2, …")
            : null;
    }
}
