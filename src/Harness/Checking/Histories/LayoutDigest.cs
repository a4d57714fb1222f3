using System.Globalization;
using System.Text;

namespace UapiLab.Harness.Checking;

/// <summary>Version of an encoding as a trace names it: that of its uAPI, and a digest of what it declares.</summary>
internal static class LayoutDigest
{
    public static string Of(Abstractions.Encoding encoding)
    {
        var description = encoding.Description;
        var text = new StringBuilder();
        foreach (var region in encoding.Regions)
        {
            text.Append(CultureInfo.InvariantCulture, $"{region.Name} {region.Owner} {region.Scope} {region.WordBits} {region.Count};");
        }

        foreach (var ioctl in description.Ioctls)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ioctl.Name} {ioctl.Number} {ioctl.Direction} {ioctl.Struct};");
        }

        foreach (var flag in description.Flags)
        {
            text.Append(CultureInfo.InvariantCulture, $"{flag.Name} {flag.Field} {flag.Bit};");
        }

        return Invariant($"{description.Version}-{Fingerprint.Of(System.Text.Encoding.UTF8.GetBytes(text.ToString())):x16}");
    }
}
