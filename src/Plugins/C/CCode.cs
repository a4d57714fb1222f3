using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using UapiLab.Abstractions;

namespace UapiLab.Plugins.C;

/// <summary>The loaded code of an encoding in C, with its options chosen. Its halves hold nothing else.</summary>
internal sealed unsafe class CCode
{
    /// <summary>Answers that a call has room for at first, on the stack.</summary>
    private const int FirstRoom = 32;

    // Addresses: a half may hold numbers.
    private readonly ulong _run;
    private readonly ulong _options;
    private readonly ulong _functions;
    private readonly ImmutableArray<int> _regions;
    private readonly string _library;
    private readonly uint _locks;
    private readonly int _events;

    /// <param name="library">File of the shared object.</param>
    /// <param name="run">Address of uapilab_run().</param>
    /// <param name="encoding">The declaration.</param>
    /// <param name="options">Place of the value chosen for each option.</param>
    /// <param name="regions">For each declared region its place among those that there are; -1 if it is not.</param>
    public CCode(string library, ulong run, NativeEncoding* encoding, IReadOnlyList<uint> options,
        ImmutableArray<int> regions)
    {
        _library = library;
        _run = run;
        _functions = (ulong)encoding->Functions;
        _locks = encoding->Locks;
        _events = encoding->EventCount;
        _regions = regions;
        // For as long as the process: so is the library.
        var chosen = (uint*)NativeMemory.Alloc((nuint)(options.Count + 1), sizeof(uint));
        for (var i = 0; i < options.Count; i++)
        {
            chosen[i] = options[i];
        }

        _options = (ulong)chosen;
    }

    /// <summary>Whether the file defines a function.</summary>
    public bool Has(CEntry entry) => ((ulong*)_functions)[(int)entry] != 0;

    /// <summary>What a function returned, whose last call was the thread's last.</summary>
    public T Value<T>(ulong returned)
        where T : struct, Enum =>
        returned < (ulong)Named<T>.Values.Length ? Named<T>.Values[(int)returned]
            : throw new HalfInCException(
                Invariant($"returned {Words.Long(returned)}, expected 0 to {Named<T>.Values.Length - 1}"),
                CPlace.Text(CPlace.OfThread.Last) ?? $"{Path.GetFileName(_library)}:0");

    /// <summary>Looked up once, since a half returns one at every fault.</summary>
    private static class Named<T>
        where T : struct, Enum
    {
        public static readonly T[] Values = Enum.GetValues<T>();
    }

    /// <summary>A region by its place in the file.</summary>
    public Region Region(NativeRun* run, ulong declared) =>
        declared < (ulong)_regions.Length && _regions[(int)declared] is >= 0 and var place
            ? new(place)
            : throw new HalfInCException(Invariant($"region {Words.Long(declared)} is not declared"),
                CPlace.Text(run->Place)!);

    /// <summary>A lock that the file declares.</summary>
    public KvmLock Lock(NativeRun* run, ulong which) => which < 32 && (_locks >> (int)which & 1) != 0
        ? (KvmLock)which
        : throw new HalfInCException(which <= (ulong)KvmLock.Encoding
            ? $"{(which == 0 ? "KVM_LOCK_APF" : "KVM_LOCK_ENCODING")} is not in .locks"
            : Invariant($"lock {Words.Long(which)}, expected KVM_LOCK_APF or KVM_LOCK_ENCODING, and then the vCPU"),
            CPlace.Text(run->Place)!);

    /// <summary>An event that the file declares.</summary>
    public int OwnEvent(NativeRun* run, ulong which) => which < (ulong)_events ? (int)which
        : throw new HalfInCException(Invariant($"event {Words.Long(which)} is not declared"), CPlace.Text(run->Place)!);

    /// <summary>Runs a function of a half, and does what it asks for. The function is left at each call, with nothing
    /// but C between it and whoever runs it, and is run again from the top with the answers so far.</summary>
    /// <returns>False: the operation stopped, and there is no result.</returns>
    [SkipLocalsInit]
    public bool TryRun<TWorld, TCalls>(TWorld world, CEntry entry, ulong* arguments, ulong* result)
        where TWorld : struct, IMemory
        where TCalls : ICalls<TWorld>
    {
        var answers = stackalloc ulong[4 * FirstRoom];
        var asked = stackalloc NativePlace*[FirstRoom];
        var room = FirstRoom;
        ulong* more = null;
        NativeRun run;
        run.Options = (uint*)_options;
        run.Given = 0;
        run.Place = null;
        var here = CPlace.OfThread;
        var outer = here.Now;
        try
        {
            while (true)
            {
                if (run.Given == room)
                {
                    more = Grown(more, ref answers, ref asked, ref room);
                }

                run.Answers = answers;
                run.Asked = asked;
                var how = ((delegate* unmanaged<NativeRun*, int, ulong*, int>)_run)(&run, (int)entry, arguments);
                here.Now = run.Place;
                switch ((HowLeft)how)
                {
                    case HowLeft.Returned:
                        here.Last = run.Given > 0 ? asked[run.Given - 1] : null;
                        new ReadOnlySpan<ulong>(run.Result, 4).CopyTo(new(result, 4));
                        return true;
                    case HowLeft.Asks:
                        break;
                    case HowLeft.Loops:
                        throw new HalfInCException("10,000,000 steps without a call: an endless loop?",
                            AddressLine.Of(_library, run.LeftAt));
                    case HowLeft.Option:
                        throw new HalfInCException(Invariant($"option {Words.Long(run.Argument[0])} is not declared"),
                            AddressLine.Of(_library, run.LeftAt));
                    default:
                        throw new HalfInCException(
                            $"another call than before with the same answers (that was {CPlace.Text(asked[run.Next])})",
                            CPlace.Text(run.Place)!);
                }

                var place = run.Given;
                if (run.Place->Call == CCall.Checkpoint)
                {
                    place = Visited(&run) ?? place;
                    answers[(4 * place) + 2] = run.Argument[0];
                }

                asked[place] = run.Place;
                TCalls.Do(world, this, &run, answers + (4 * place));
                if (world.HasStopped)
                {
                    return false;
                }

                run.Given = place + 1;
            }
        }
        catch (Exception e) when (here.Leaves(e))
        {
            throw;
        }
        finally
        {
            here.Now = outer;
            NativeMemory.Free(more);
        }
    }

    /// <summary>Where the checkpoint that is asked for was visited before: the rounds since are forgotten, as the
    /// contract says.</summary>
    private static uint? Visited(NativeRun* run)
    {
        for (var i = (int)run->Given - 1; i >= 0; i--)
        {
            if (run->Asked[i] == run->Place && run->Answers[(4 * i) + 2] == run->Argument[0])
            {
                return (uint)i;
            }
        }

        return null;
    }

    private static ulong* Grown(ulong* old, ref ulong* answers, ref NativePlace** asked, ref int room)
    {
        // Four words an answer, then a place for each.
        var grown = (ulong*)NativeMemory.Alloc((nuint)room * 2 * 5, sizeof(ulong));
        new ReadOnlySpan<ulong>(answers, 4 * room).CopyTo(new(grown, 4 * room));
        new ReadOnlySpan<ulong>((ulong*)asked, room).CopyTo(new(grown + (8 * room), room));
        answers = grown;
        asked = (NativePlace**)(grown + (8 * room));
        room *= 2;
        NativeMemory.Free(old);
        return grown;
    }
}

/// <summary>What a half may ask for.</summary>
internal unsafe interface ICalls<TWorld>
{
    /// <summary>Does what a run asks for, and writes the answer.</summary>
    static abstract void Do(TWorld world, CCode code, NativeRun* run, ulong* answer);
}
