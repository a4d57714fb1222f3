using System.Runtime.CompilerServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Native;

namespace UapiLab.Cli.Bench;

/// <summary>One encoding on real memory, with the loops that are measured.</summary>
internal abstract class NativeSubject : IDisposable
{
    /// <summary>Looked up for each time that a loop comes round.</summary>
    public const long FramesOfARound = 4;

    private readonly NativeRegions _regions;

    protected NativeSubject(Encoding encoding, long frames)
    {
        Frames = frames;
        Bytes = PerFrameBytes(encoding, frames);
        _regions = new NativeRegions(encoding, vcpus: 1, frames);
        var host = new NativeHost(vcpus: 1);
        Kvm = new NativeWorld(_regions, host);
        Vmm = new NativeWorld(_regions, host);
    }

    /// <summary>Frames of the guest, a power of two.</summary>
    public long Frames { get; }

    /// <summary>Bytes of the regions that hold something for each frame.</summary>
    public long Bytes { get; }

    protected NativeWorld Kvm { get; }

    protected NativeWorld Vmm { get; }

    /// <summary>Puts an encoding into memory of its own, and gives it loops of its own.</summary>
    /// <param name="encoding">Which.</param>
    /// <param name="frames">Frames of the guest, a power of two.</param>
    public static NativeSubject Create(Encoding encoding, long frames) =>
        (NativeSubject)Activator.CreateInstance(typeof(NativeSubject<>).MakeGenericType(EncodingMarks.Of(encoding)),
            encoding, frames)!;

    /// <summary>Bytes that an encoding has for the frames of a guest of this size.</summary>
    public static long PerFrameBytes(Encoding encoding, long frames) =>
        encoding.Regions.Where(r => r.Scope == RegionScope.PerGfn).Sum(r => r.Words(1, 1, frames) * r.WordBits / 8);

    /// <summary>Marks every frame.</summary>
    public abstract void Arm();

    /// <summary>Looks present frames up, <paramref name="count"/> of them, a multiple of <see cref="FramesOfARound"/>;
    /// returns how many were not to be mapped.</summary>
    public abstract ulong LookUp(ulong mask, ulong step, long count);

    /// <summary>Publishes frames that nobody waits for.</summary>
    public abstract void Publish(ulong mask, ulong step, long count);

    public void Dispose() => _regions.Dispose();
}

/// <inheritdoc/>
/// <typeparam name="TMark">Of the encoding (<see cref="EncodingMarks"/>).</typeparam>
internal sealed class NativeSubject<TMark>(Encoding encoding, long frames) : NativeSubject(encoding, frames)
    where TMark : struct
{
    // Constants of this copy of the loops, by the time they are compiled for good: a call of one is then a call of a
    // known method, which can be put into the loop, as in a kernel with one encoding compiled in.
    private static readonly IKvmHalf<NativeWorld> s_kvmHalf = EncodingMarks.Marked<TMark>().KvmHalf<NativeWorld>();
    private static readonly IVmmHalf<NativeWorld> s_vmmHalf = EncodingMarks.Marked<TMark>().VmmHalf<NativeWorld>();

    // None of the three is put into its caller: the compiler would do so with a new copy of the loop, somewhere in the
    // middle of a row.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void Arm() => s_vmmHalf.OnArm(Vmm, new(new Gfn(0), (ulong)Frames, Prediction.Async));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public override ulong LookUp(ulong mask, ulong step, long count)
    {
        var kvm = Kvm;
        ulong gfn = 0;
        ulong stopped = 0;
        unchecked
        {
            // Four to a round, in C as well. The code of a single one lies across two cache lines or not, as chance has
            // it, and takes twice as long if it does.
            for (; count != 0; count -= FramesOfARound)
            {
                LookOneUp(kvm, gfn, ref stopped);
                gfn = (gfn + step) & mask;
                LookOneUp(kvm, gfn, ref stopped);
                gfn = (gfn + step) & mask;
                LookOneUp(kvm, gfn, ref stopped);
                gfn = (gfn + step) & mask;
                LookOneUp(kvm, gfn, ref stopped);
                gfn = (gfn + step) & mask;
            }
        }

        return stopped;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LookOneUp(NativeWorld kvm, ulong gfn, ref ulong stopped)
    {
        if (s_kvmHalf.OnGuestFault(kvm,
            new(0, new Gfn(gfn), AccessKind.Read, Prefetch: false)).Verdict != FaultVerdict.Map)
        {
            CountOne(ref stopped);
        }
    }

    /// <summary>By a call, so that the count stays in memory: no present frame needs it, and the look-up needs the
    /// registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CountOne(ref ulong stopped) => stopped++;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void Publish(ulong mask, ulong step, long count)
    {
        var vmm = Vmm;
        ulong gfn = 0;
        unchecked
        {
            for (; count != 0; count--)
            {
                s_vmmHalf.OnContentArrived(vmm, new Gfn(gfn));
                gfn = (gfn + step) & mask;
            }
        }
    }
}
