using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Fuzz;

/// <summary>Inputs that are nearly right: a sample with some bytes replaced, doubled, left out or taken from another
/// one. A function of the number of the case.</summary>
internal static class Mutations
{
    private const int Largest = 1 << 16;

    private static readonly byte[][] s_pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ":", ",", "\\u0000", "\\ud800", "null", "true", "-1", "0", "1e999",
            "18446744073709551616", "0x", "0xffffffffffffffff", "0.0000000000000000001", "\n", "\r\n", "\t", "(", ")",
            "=", "%s", "\0", "\u001b[2J", "\u0085", "\u202e", "\uFEFF", "::", " vcpu ", "kvm_entry:", ",,", "9", "x",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
        [0xff], [0xc3], [0xed, 0xa0, 0x80], [0x1f, 0x8b], [0x80],
    ];

    public static byte[] Of(IReadOnlyList<byte[]> samples, ulong number)
    {
        var random = new SplitMix64(SplitMix64.Mix(number + 1));
        int Below(int count) => (int)(random.Next() % (ulong)Math.Max(1, count));

        List<byte> bytes = [.. samples[Below(samples.Count)]];
        for (var left = 1 + Below(8); left > 0 && bytes.Count < Largest; left--)
        {
            var at = Below(bytes.Count + 1);
            var length = Math.Min(bytes.Count - at, Below(Below(4) == 0 ? bytes.Count : 16));
            switch (Below(7))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << Below(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)Below(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(Below(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    var other = samples[Below(samples.Count)];
                    var from = Below(other.Length);
                    bytes.InsertRange(at, other[from..(from + Below(Math.Min(200, other.Length - from)))]);
                    break;
                default:
                    bytes.InsertRange(at, s_pieces[Below(s_pieces.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }
}
