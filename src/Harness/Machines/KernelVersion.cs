using System.Globalization;

namespace UapiLab.Harness.Machines;

/// <summary>A release of Linux: 6.18, or a stable one, 6.18.3.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second one.</param>
/// <param name="Patch">The third one; 0 in a mainline release.</param>
public readonly record struct KernelVersion(int Major, int Minor, int Patch = 0)
{
    /// <summary>The first release whose rules the lab knows.</summary>
    public static KernelVersion Oldest { get; } = new(6, 12);

    /// <summary>The last one, which a machine follows unless it is told otherwise.</summary>
    public static KernelVersion Newest { get; } = new(7, 3);

    /// <summary>Releases between the two, with what the text must look like.</summary>
    public static string Expected { get; } = $"a release from {Oldest} to {Newest}, as 6.18 or 6.18.3";

    /// <summary>The release of this text; null if it is none that the lab knows.</summary>
    public static KernelVersion? Parse(string text)
    {
        var numbers = text.Split('.')
            .Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)
            .ToArray();
        KernelVersion? version = numbers switch
        {
            [>= 0 and var major, >= 0 and var minor] => new(major, minor),
            [>= 0 and var major, >= 0 and var minor, >= 0 and var patch] => new(major, minor, patch),
            _ => null,
        };
        return version is { } known && !known.IsBefore(Oldest) && !Newest.IsBefore(known) ? version : null;
    }

    /// <summary>Whether this is of an earlier series than the other, whatever was added to either since.</summary>
    public bool IsBefore(KernelVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor)) < 0;

    /// <inheritdoc/>
    public override string ToString() => Patch == 0 ? Invariant($"{Major}.{Minor}")
        : Invariant($"{Major}.{Minor}.{Patch}");
}

/// <summary>The releases in which something holds.</summary>
/// <param name="First">The first mainline release.</param>
/// <param name="Last">The last one.</param>
/// <param name="Backports">Stable releases of earlier series from which on it holds there too.</param>
/// <param name="Condition">What has to be added to the kernel for it; null if nothing.</param>
internal sealed record KernelRange(
    KernelVersion First, KernelVersion Last, KernelVersion[] Backports, string? Condition = null)
{
    /// <summary>Every release that the lab knows.</summary>
    public static KernelRange Every { get; } = From(KernelVersion.Oldest);

    /// <summary>Every one that KVM Userfault, or one of the series on top of it, is added to. None of them is
    /// merged.</summary>
    public static KernelRange WithSeries { get; } = Every with { Condition = "with the series" };

    public static KernelRange From(KernelVersion first, params KernelVersion[] backports) =>
        new(first, KernelVersion.Newest, backports);

    public bool Contains(KernelVersion version) => !version.IsBefore(First) && !Last.IsBefore(version)
        || Backports.Any(b => (b.Major, b.Minor) == (version.Major, version.Minor) && version.Patch >= b.Patch);

    /// <summary>As a table has it.</summary>
    public override string ToString() => $"{First} to {Last}"
        + string.Concat(Backports.Select(b => $", {b.Major}.{b.Minor} from {b}"))
        + (Condition is null ? "" : " " + Condition);
}
