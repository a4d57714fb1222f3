using System.Runtime.CompilerServices;
using UapiLab.Harness.Machines;
using UapiLab.Live.Os;

namespace UapiLab.Live.Probes;

/// <summary>Words, cache lines, walks and pages.</summary>
internal static unsafe class MemoryProbes
{
    private const int Many = 20_000;
    private const int Lines = 4_096;
    private const int LineBytes = 64;
    private const int NearLines = 256;
    private const int Pages = 64;

    public static Probe Words { get; } = new("words",
        "Loads and locked ORs of one word by one thread: `sharedAccess` lies between a load and an OR, "
        + "and is their mean; `lockOperation` is a compare-exchange and a store. What KVM takes to open "
        + "user memory is not in it, so the high end stays.",
        [Cost.SharedAccess, Cost.LockOperation], [], _ =>
        {
            using var memory = new Mapping(1);
            var load = Timing.Each(Many, n => Load(memory.At, n));
            var or = Timing.Each(Many, n => Or(memory.At, n));
            return
            [
                new(Cost.SharedAccess, (load + or) / 2, load, null),
                new(Cost.LockOperation, Timing.Each(Many, n => LockAndUnlock(memory.At, n))),
            ];
        });

    public static Probe Line { get; } = new("line",
        "Two threads on two cores hand a word to and fro, each spinning until it has changed. A round "
        + "trip is two stores and two loads whose line is with the other core: a quarter of it is "
        + "`lineTransfer`, and at most half.",
        [Cost.LineTransfer], [Need.TwoCores], host =>
        {
            const int Trips = 500;
            using var memory = new Mapping(1);
            using var partner = new PinnedThread(host.Second, () => Follow(memory.At, Trips * Timing.Batches));
            var turn = 0;
            var trip = Timing.Each(Trips, n => Lead(memory.At, n, ref turn));
            return [new(Cost.LineTransfer, trip / 4, trip / 4, trip / 2)];
        });

    public static Probe Walk { get; } = new("walk",
        "Loads that depend on one another. `guestAccess` is one within 16 KiB, and at most one among "
        + "4,096 lines in 64 pages; `tlbRewalk` is what one among as many lines in 4,096 pages takes more. "
        + "A guest's walk reads more entries, so its high end stays.",
        [Cost.GuestAccess, Cost.TlbRewalk], [], _ =>
        {
            using var memory = new Mapping(Lines);
            var near = Chain(memory, NearLines, i => i * LineBytes);
            var dense = Chain(memory, Lines, i => i * LineBytes);
            var sparse = Chain(memory, Lines, i => (i * Mapping.PageBytes) + (i * LineBytes % Mapping.PageBytes));
            return [new(Cost.GuestAccess, near, near, dense), Reading.AtLeast(Cost.TlbRewalk, sparse - dense)];
        });

    public static Probe Discard { get; } = new("discard",
        "madvise(MADV_DONTNEED) of one page that is there, while a thread of the process runs on another "
        + "core, whose translations are flushed; at least what it takes alone.",
        [Cost.Discard], [Need.TwoCores], host =>
        {
            using var memory = new Mapping(Pages);
            var alone = Discards(memory, () => true);
            using var partner = new BusyThread(host.Second);
            var beside = Discards(memory, partner.Ran);
            return [new(Cost.Discard, Math.Max(alone, beside), alone, Math.Max(alone, beside))];
        });

    private static double Discards(Mapping memory, Func<bool> counts)
    {
        var page = 0;
        Libc.Fill(memory.At, 1, memory.Bytes);
        return Timing.OneByOne(Pages, () => memory.Discard(page, 1), () =>
        {
            var counted = counts();
            Libc.Fill(memory.Page(page), 1, 1);
            page = (page + 1) % Pages;
            return counted;
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Load(byte* word, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _ = Volatile.Read(ref *(long*)word);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Or(byte* word, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Interlocked.Or(ref *(long*)word, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LockAndUnlock(byte* word, int times)
    {
        Volatile.Write(ref *(long*)word, 0);
        for (var i = 0; i < times; i++)
        {
            Interlocked.CompareExchange(ref *(long*)word, 1, 0);
            Volatile.Write(ref *(long*)word, 0);
        }
    }

    /// <summary>Odd numbers are this thread's turn's end, even ones the other's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lead(byte* word, int trips, ref int turn)
    {
        for (var i = 0; i < trips; i++)
        {
            Volatile.Write(ref *(int*)word, ++turn);
            turn++;
            while (Volatile.Read(ref *(int*)word) != turn)
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Follow(byte* word, int trips)
    {
        for (var turn = 1; turn < trips * 2; turn += 2)
        {
            while (Volatile.Read(ref *(int*)word) != turn)
            {
            }

            Volatile.Write(ref *(int*)word, turn + 1);
        }
    }

    /// <summary>What a load takes whose address the one before it has read, along lines in an order that no prefetcher
    /// guesses.</summary>
    private static double Chain(Mapping memory, int lines, Func<int, int> placeOf)
    {
        var order = Enumerable.Range(0, lines).ToArray();
        for (var (i, random) = (lines - 1, 1u); i > 0; i--)
        {
            random = unchecked((random * 1_664_525) + 1_013_904_223);
            var other = (int)(random >> 8) % i;
            (order[i], order[other]) = (order[other], order[i]);
        }

        for (var i = 0; i < lines; i++)
        {
            *(long*)(memory.At + placeOf(order[i])) = (long)(memory.At + placeOf(order[(i + 1) % lines]));
        }

        var from = memory.At + placeOf(order[0]);
        return Timing.Each(lines, n => from = Follow((long)from, n));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static byte* Follow(long from, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            from = *(long*)from;
        }

        return (byte*)from;
    }
}
