using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace UapiLab.Harness.Checking.Search;

/// <summary>
/// Fingerprints of the states seen, in parts that can be filled side by side. A part is an open-addressed table that
/// grows by a quarter, so it stays between 68 and 85 % full: 9.4 to 11.8 bytes a state. Reading is safe while no thread
/// writes.
/// </summary>
internal sealed class VisitedSet
{
    public const int Parts = 16;
    private const int PartShift = 60;
    private const int FirstSize = 1 << 10;
    private const double FullAt = 0.85;

    private readonly ulong[][] _tables = new ulong[Parts][];
    private readonly uint[]?[] _numbers = new uint[]?[Parts];
    private readonly int[] _counts = new int[Parts];
    private readonly int[] _limits = new int[Parts];

    public VisitedSet(bool numbered)
    {
        for (var part = 0; part < Parts; part++)
        {
            _tables[part] = new ulong[FirstSize];
            _limits[part] = (int)(FirstSize * FullAt);
            _numbers[part] = numbered ? new uint[FirstSize] : null;
        }
    }

    public long Count => _counts.Sum(c => (long)c);

    /// <summary>Of the fingerprints.</summary>
    public long Bytes => _tables.Sum(t => (long)t.Length * sizeof(ulong));

    /// <summary>Of the numbers.</summary>
    public long NumberBytes => _numbers.Sum(n => (n?.Length ?? 0L) * sizeof(uint));

    /// <summary>The part a state belongs to, whatever is left of its budget.</summary>
    public static int PartOf(ulong fingerprint) => (int)(fingerprint >> PartShift);

    /// <summary>Whether the state was seen with at least these budget: then what can follow it is known
    /// already.</summary>
    public bool Covers(ulong fingerprint, byte remainingBudget, byte all) =>
        Find(fingerprint, remainingBudget, all, out _);

    /// <summary>As <see cref="Covers"/>, with the number of the state that covers this one.</summary>
    public bool Find(ulong fingerprint, byte remainingBudget, byte all, out uint number)
    {
        var part = PartOf(fingerprint);
        var spent = all & ~remainingBudget;
        // Every set that contains the budget: them, and them with some of what is spent.
        for (var more = spent; ; more = (more - 1) & spent)
        {
            if (TryFind(part, Fingerprint.With(fingerprint, (byte)(remainingBudget | more)), out var place))
            {
                number = _numbers[part] is { } n ? n[place] : 0;
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
    public unsafe void Prefetch(ulong fingerprint, byte remainingBudget)
    {
        if (Sse.IsSupported)
        {
            var table = _tables[PartOf(fingerprint)];
            ref var place = ref table[PlaceOf(Fingerprint.With(fingerprint, remainingBudget), table.Length)];
            Sse.Prefetch0(Unsafe.AsPointer(ref place)); // only a hint: it does no harm if the table moves meanwhile
        }
    }

    /// <summary>Adds a state unless it is covered. One caller at a time for each part.</summary>
    /// <returns>Whether it was added.</returns>
    public bool TryAdd(ulong fingerprint, byte remainingBudget, byte all)
    {
        var part = PartOf(fingerprint);
        var spent = all & ~remainingBudget;
        for (var more = spent; more != 0; more = (more - 1) & spent)
        {
            if (TryFind(part, Fingerprint.With(fingerprint, (byte)(remainingBudget | more)), out _))
            {
                return false;
            }
        }

        var key = Fingerprint.With(fingerprint, remainingBudget);
        if (TryFind(part, key, out var place))
        {
            return false;
        }

        if (_counts[part] == _limits[part])
        {
            Grow(part);
            TryFind(part, key, out place);
        }

        _counts[part]++;
        _tables[part][place] = key;
        return true;
    }

    /// <summary>Gives a state its number.</summary>
    public void Number(ulong fingerprint, byte remainingBudget, uint number)
    {
        var part = PartOf(fingerprint);
        if (_numbers[part] is { } n && TryFind(part, Fingerprint.With(fingerprint, remainingBudget), out var place))
        {
            n[place] = number;
        }
    }

    private bool TryFind(int part, ulong key, out int place)
    {
        var table = _tables[part];
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
        var old = _tables[part];
        var oldNumbers = _numbers[part];
        var table = new ulong[old.Length + (old.Length / 4)];
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

        _tables[part] = table;
        _numbers[part] = newNumbers;
        _limits[part] = (int)(table.Length * FullAt);
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

    private static int PlaceOf(ulong key, int size) =>
        (int)Math.BigMul(BitOperations.RotateLeft(key, 23) * 0x9E3779B97F4A7C15, (ulong)size, out _);
}
