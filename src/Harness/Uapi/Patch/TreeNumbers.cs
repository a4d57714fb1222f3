using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Uapi.Patch;

/// <summary>The numbers of a tree's linux/kvm.h, and those that an encoding gets there. They stand for what the
/// maintainer assigns, and are marked so.</summary>
internal sealed partial class TreeNumbers
{
    /// <summary>What is behind a number that nobody has assigned.</summary>
    public const string Mark = CMacros.Unassigned;

    private readonly Dictionary<string, int> _capabilities = [];
    private readonly Dictionary<string, uint> _ioctls = [];
    private readonly Dictionary<string, int> _bits = [];
    private readonly HashSet<string> _names = [];

    public TreeNumbers(PatchedFile header)
    {
        foreach (var line in header.Lines)
        {
            if (Named().Match(line) is { Success: true } named)
            {
                _names.Add(named.Groups[1].Value);
            }

            if (Capability().Match(line) is { Success: true } capability)
            {
                _capabilities[capability.Groups[1].Value] = Number(capability.Groups[2].Value);
            }
            else if (Ioctl().Match(line) is { Success: true } ioctl)
            {
                _ioctls[ioctl.Groups[1].Value] =
                    uint.Parse(ioctl.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else if (Bit().Match(line) is { Success: true } bit)
            {
                _bits[bit.Groups[1].Value] = Number(bit.Groups[2].Value);
            }
        }

        LastCapability = _capabilities.Count > 0 ? _capabilities.MaxBy(c => c.Value).Key
            : throw new InputException(header.Name, "expected definitions of KVM_CAP_…");
    }

    /// <summary>The one with the largest number.</summary>
    public string LastCapability { get; }

    /// <summary>Whether the tree defines a macro or a structure of that name.</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>A number for the n-th of the capabilities that the tree has not.</summary>
    public int NextCapability(int n) => _capabilities[LastCapability] + 1 + n;

    /// <summary>Its number if the tree has that free; else the next that is.</summary>
    public uint NumberFor(IoctlSpec ioctl)
    {
        var number = ioctl.Number;
        while (_ioctls.Any(i => i.Value == number && i.Key != ioctl.Name))
        {
            number++;
        }

        return number;
    }

    /// <summary>Who has the bit of a flag among its neighbours; null if nobody has.</summary>
    public string? HolderOf(FlagSpec flag, string family) => _bits
        .Where(b => b.Key.StartsWith(family, StringComparison.Ordinal) && b.Value == flag.Bit && b.Key != flag.Name)
        .Select(b => b.Key).FirstOrDefault();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(?:#\s*define|struct)\s+(\w+)")]
    private static partial Regex Named();

    [GeneratedRegex(@"^#define\s+(KVM_CAP_\w+)\s+(\d+)")]
    private static partial Regex Capability();

    [GeneratedRegex(@"^#define\s+(KVM_\w+)\s+_IO\w*\(KVMIO,\s*0x([0-9a-fA-F]+)")]
    private static partial Regex Ioctl();

    [GeneratedRegex(@"^\s*#define\s+(KVM_\w+)\s+\(1U?L*\s*<<\s*(\d+)\)")]
    private static partial Regex Bit();
}
