using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Harness.Uapi;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>What we say is taken, against the linux/kvm.h that is installed. It may be older than what we
/// say.</summary>
public sealed partial class UpstreamTests
{
    private const string Header = "/usr/include/linux/kvm.h";

    [Fact]
    public void Installed_ioctls_are_in_the_table()
    {
        (string Name, uint Number)[] ioctls =
            [.. Ioctl().Matches(Installed())
                .Select(m => (m.Groups[1].Value,
                uint.Parse(m.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];

        Assert.True(ioctls.Length > 100);
        Assert.All(ioctls, ioctl => Assert.Contains(ioctl.Name, UpstreamIoctls.Holder(ioctl.Number)
            ?? "nobody", StringComparison.Ordinal));
    }

    [Fact]
    public void Installed_capabilities_are_below_the_last_one()
    {
        int[] numbers = [.. Capability().Matches(Installed())
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

        Assert.True(numbers.Length > 150);
        Assert.All(numbers, number => Assert.InRange(number, 0, UpstreamNumbers.LastCapability));
        Assert.Equal(UpstreamNumbers.LastCapability, UpstreamNumbers.LateCapabilities.Keys.Max());
    }

    [Fact]
    public void Installed_memslot_flags_are_in_the_table()
    {
        MatchCollection flags = MemslotFlag().Matches(Installed());

        Assert.True(flags.Count >= 2);
        Assert.All(flags, flag => Assert.Equal(
            flag.Groups[1].Value,
            UpstreamNumbers.Flags[("kvm_userspace_memory_region2.flags",
                int.Parse(flag.Groups[2].Value, CultureInfo.InvariantCulture))]));
    }

    private static string Installed()
    {
        Tool.KvmHeader.Require();
        return File.ReadAllText(Header);
    }

    [GeneratedRegex(@"^#define\s+(KVM_\w+)\s+\\?\s*_IO[WR]*\(KVMIO,\s*0x([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex Ioctl();

    [GeneratedRegex(@"^#define\s+KVM_CAP_\w+\s+(\d+)", RegexOptions.Multiline)]
    private static partial Regex Capability();

    [GeneratedRegex(@"^#define\s+(KVM_MEM_\w+)\s+\(1UL << (\d+)\)", RegexOptions.Multiline)]
    private static partial Regex MemslotFlag();
}
