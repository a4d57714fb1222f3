using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace UapiLab.Harness.Checking;

/// <summary>
/// Fingerprints of the states seen, in parts that can be filled side by side. A part is an open-addressed table that grows
/// by half, so it stays between 57 and 85 % full: 9.4 to 14 bytes a state. Reading is safe while nobody writes.
/// </summary>
internal sealed class VisitedSet
{
    public const int Parts = 16;
    private const int PartShift = 60;
    private const int FirstSize = 1 << 10;
    private const double FullAt = 0.85;

    private readonly ulong[][] tables = new ulong[Parts][];
    private readonly uint[]?[] numbers = new uint[]?[Parts];
    private readonly int[] counts = new int[Parts];

    public VisitedSet(bool numbered)
    {
        for (var part = 0; part < Parts; part++)
        {
            tables[part] = new ulong[FirstSize];
            numbers[part] = numbered ? new uint[FirstSize] : null;
        }
    }

    public long Count => counts.Sum(c => (long)c);

    public long Bytes => tables.Sum(t => (long)t.Length * sizeof(ulong));

    /// <summary>The part a state belongs to, whatever is left of its allowances.</summary>
    public static int PartOf(ulong fingerprint) => (int)(fingerprint >> PartShift);

    /// <summary>Whether the state was seen with at least these allowances: then what can follow it is known already.</summary>
    public bool Covers(ulong fingerprint, byte allowances, byte all) => Find(fingerprint, allowances, all, out _);

    /// <summary>As <see cref="Covers"/>, with the number of the state that covers this one.</summary>
    public bool Find(ulong fingerprint, byte allowances, byte all, out uint number)
    {
        var part = PartOf(fingerprint);
        var spent = all & ~allowances;
        // Every set that contains the allowances: them, and them with some of what is spent.
        for (var more = spent; ; more = (more - 1) & spent)
        {
            if (TryFind(part, Fingerprint.With(fingerprint, (byte)(allowances | more)), out var place))
            {
                number = numbers[part] is { } n ? n[place] : 0;
                return true;
            }

            if (more == 0)
            {
                number = 0;
                return false;
            }
        }
    }

    /// <summary>Asks the processor to fetch the place that <see cref="Find"/> looks at first.</summary>
    public unsafe void Prefetch(ulong fingerprint, byte allowances)
    {
        if (Sse.IsSupported)
        {
            var table = tables[PartOf(fingerprint)];
            ref var place = ref table[PlaceOf(Fingerprint.With(fingerprint, allowances), table.Length)];
            Sse.Prefetch0(Unsafe.AsPointer(ref place)); // only a hint: it does no harm if the table moves meanwhile
        }
    }

    /// <summary>Adds a state that is not covered. One caller at a time for each part.</summary>
    public void Add(ulong fingerprint, byte allowances)
    {
        var part = PartOf(fingerprint);
        if (++counts[part] > tables[part].Length * FullAt)
        {
            Grow(part);
        }

        Insert(tables[part], Fingerprint.With(fingerprint, allowances));
    }

    /// <summary>Gives a state its number.</summary>
    public void Number(ulong fingerprint, byte allowances, uint number)
    {
        var part = PartOf(fingerprint);
        if (numbers[part] is { } n && TryFind(part, Fingerprint.With(fingerprint, allowances), out var place))
        {
            n[place] = number;
        }
    }

    private bool TryFind(int part, ulong key, out int place)
    {
        var table = tables[part];
        for (place = PlaceOf(key, table.Length); table[place] != 0; place = place + 1 == table.Length ? 0 : place + 1)
        {
            if (table[place] == key)
            {
                return true;
            }
        }

        return false;
    }

    private void Grow(int part)
    {
        var old = tables[part];
        var oldNumbers = numbers[part];
        var table = new ulong[old.Length + (old.Length / 2)];
        var newNumbers = oldNumbers is null ? null : new uint[table.Length];
        for (var i = 0; i < old.Length; i++)
        {
            if (old[i] != 0)
            {
                var place = Insert(table, old[i]);
                if (newNumbers is not null)
                {
                    newNumbers[place] = oldNumbers![i];
                }
            }
        }

        tables[part] = table;
        numbers[part] = newNumbers;
    }

    private static int Insert(ulong[] table, ulong key)
    {
        var place = PlaceOf(key, table.Length);
        while (table[place] != 0)
        {
            place = place + 1 == table.Length ? 0 : place + 1;
        }

        table[place] = key;
        return place;
    }

    private static int PlaceOf(ulong key, int size) => (int)Math.BigMul(BitOperations.RotateLeft(key, 23) * 0x9E3779B97F4A7C15, (ulong)size, out _);
}
