using System.Buffers.Binary;

namespace UapiLab.Cluster;

/// <summary>States as messages name them: fingerprint and what is left of the environment's budget, 9 bytes.</summary>
internal static class Keys
{
    public const int Bytes = sizeof(ulong) + 1;

    /// <summary>The silo that owns the states of a fingerprint, whatever is left of their budget. By its low half: the
    /// high bits choose a part of the visited set there.</summary>
    public static int Owner(ulong fingerprint, int silos) => (int)((fingerprint & uint.MaxValue) * (ulong)silos >> 32);

    public static void Write(Span<byte> place, ulong fingerprint, byte budget)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(place, fingerprint);
        place[sizeof(ulong)] = budget;
    }

    public static (ulong Fingerprint, byte Budget) Read(ReadOnlySpan<byte> keys, int index)
    {
        var key = keys.Slice(index * Bytes, Bytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(key), key[sizeof(ulong)]);
    }

    /// <summary>Bits as bytes.</summary>
    public static byte[] Pack(ReadOnlySpan<bool> bits)
    {
        var packed = new byte[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++)
        {
            packed[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
        }

        return packed;
    }

    public static bool Bit(byte[] packed, int index) => (packed[index / 8] >> (index % 8) & 1) != 0;
}
