using System.Runtime.CompilerServices;

namespace UapiLab.Abstractions;

/// <summary>
/// The only way an encoding touches state. Each call is one access and one scheduling point: other threads may run
/// before it. The same source runs in the simulator, under the checker and natively on real memory.
/// </summary>
/// <remarks>
/// Duties of the caller: be a pure function of its arguments and of the values returned here; hold no state between
/// calls of a half; put <see cref="Checkpoint(int, int)"/> at the head of every loop whose bound is not a constant.
/// An index outside the region is a defect of the encoding and stops the run, except through
/// <see cref="TryLoad"/>.
/// </remarks>
public interface IMemory
{
    /// <summary>Reads one word.</summary>
    ulong Load(Region region, ulong index, MemoryOrder order = MemoryOrder.Relaxed);

    /// <summary>Reads one word of memory that userspace provided and that may be unreadable (get_user).</summary>
    /// <returns>False where the kernel would get -EFAULT; <paramref name="value"/> is then 0.</returns>
    bool TryLoad(Region region, ulong index, out ulong value, MemoryOrder order = MemoryOrder.Relaxed);

    /// <summary>Writes one word.</summary>
    void Store(Region region, ulong index, ulong value, MemoryOrder order = MemoryOrder.Relaxed);

    /// <summary>Writes one word and returns the old value. A locked instruction on x86.</summary>
    ulong Exchange(Region region, ulong index, ulong value, MemoryOrder order = MemoryOrder.SequentiallyConsistent);

    /// <summary>Writes <paramref name="desired"/> if the word equals <paramref name="expected"/>.</summary>
    /// <returns>The value found; equal to <paramref name="expected"/> exactly when the write happened.</returns>
    ulong CompareExchange(Region region, ulong index, ulong expected, ulong desired,
        MemoryOrder order = MemoryOrder.SequentiallyConsistent);

    /// <summary>Atomic AND; returns the old value.</summary>
    ulong FetchAnd(Region region, ulong index, ulong mask, MemoryOrder order = MemoryOrder.SequentiallyConsistent);

    /// <summary>Atomic OR; returns the old value.</summary>
    ulong FetchOr(Region region, ulong index, ulong bits, MemoryOrder order = MemoryOrder.SequentiallyConsistent);

    /// <summary>Atomic add modulo the word width; returns the old value.</summary>
    ulong FetchAdd(Region region, ulong index, ulong addend, MemoryOrder order = MemoryOrder.SequentiallyConsistent);

    /// <summary>Full memory barrier (smp_mb).</summary>
    void Fence();

    /// <summary>Sets <paramref name="count"/> words from <paramref name="first"/>: bulk arming. One scheduling point;
    /// no order between the words is promised to other threads.</summary>
    void Fill(Region region, ulong first, ulong count, ulong value);

    /// <summary>Counts one of the encoding's own events for reports. It is no access: it takes no time, orders nothing,
    /// and nobody can read the count.</summary>
    /// <param name="ownEvent">Position in <see cref="Encoding.OwnEvents"/>.</param>
    void Count(int ownEvent)
    {
    }

    /// <summary>Whether the half was stopped at its last call: what that returned is worthless, and so is whatever
    /// follows. A half need not ask; what runs one in another language does.</summary>
    bool HasStopped => false;

    // The compiler fills the line in, and the live words tell the overloads apart.
#pragma warning disable RS0026
    /// <summary>Head of a loop whose bound is not constant. On a second visit the recorded accesses since the first
    /// are forgotten: from here on the method may depend only on its arguments and on what it read before the
    /// loop.</summary>
    /// <param name="label">Distinct within the line.</param>
    /// <param name="line">Where the loop stands, which the compiler says.</param>
    void Checkpoint(int label, [CallerLineNumber] int line = 0);

    /// <summary>As <see cref="Checkpoint(int, int)"/>, with one live word that the loop carries from round to
    /// round.</summary>
    void Checkpoint(int label, ref ulong live, [CallerLineNumber] int line = 0);

    /// <summary>As <see cref="Checkpoint(int, int)"/>, with two live words.</summary>
    void Checkpoint(int label, ref ulong live0, ref ulong live1, [CallerLineNumber] int line = 0);
#pragma warning restore RS0026
}
