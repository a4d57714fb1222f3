using System.Globalization;

namespace UapiLab.Plugins.C;

/// <summary>What of this process can be read: a table of a plugin may name any address.</summary>
internal sealed unsafe class ReadableMemory
{
    private const string Maps = "/proc/self/maps";

    private readonly List<(ulong From, ulong To)> _ranges = [];

    /// <summary>As it is now. Where the system does not tell, everything passes for readable.</summary>
    public ReadableMemory()
    {
        if (!File.Exists(Maps))
        {
            _ranges.Add((0, ulong.MaxValue));
            return;
        }

        foreach (var line in File.ReadLines(Maps))
        {
            var words = line.Split(' ');
            var ends = words[0].Split('-');
            var (from, to) = (Hex(ends[0]), Hex(ends[1]));
            if (words[1][0] != 'r')
            {
                continue;
            }

            if (_ranges is [.., var last] && last.To == from)
            {
                _ranges[^1] = (last.From, to);
            }
            else
            {
                _ranges.Add((from, to));
            }
        }
    }

    /// <summary>Whether so many bytes can be read there.</summary>
    public bool Has(void* at, ulong bytes) =>
        _ranges.Any(r => (ulong)at >= r.From && (ulong)at < r.To && bytes <= r.To - (ulong)at);

    /// <summary>Whether a text begins there that ends.</summary>
    public bool HasText(byte* at)
    {
        var range = _ranges.FirstOrDefault(r => (ulong)at >= r.From && (ulong)at < r.To);
        for (var end = at; (ulong)end < range.To; end++)
        {
            if (*end == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
