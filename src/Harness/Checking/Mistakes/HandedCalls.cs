using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Checking.Mistakes;

/// <summary>
/// A call that a thread of the VMM leaves to another one: written into words of the VMM's own, which are part of the
/// machine's state, and taken up by whichever thread its eventfd wakes. There is room for one; who finds it taken makes
/// the call itself.
/// </summary>
/// <param name="place">Position of the region among the encoding's.</param>
internal readonly struct HandedCalls(int place)
{
    private const ulong Free = 0;
    private const ulong BeingWritten = 1;
    private const ulong Ioctl = 2;

    /// <summary>From here on: a store, and the region.</summary>
    private const ulong Store = 3;

    private const ulong State = 0;
    private const ulong Number = 1;
    private const ulong Vcpu = 2;
    private const ulong FirstWord = 3;
    private const ulong WordsOfArgument = 4;

    /// <summary>The words. What comes first in an argument is what a waiter is entered with, a token or a
    /// gpa.</summary>
    public static RegionSpec Spec(EncodingDescription description) =>
        new("handed_call", RegionOwner.VmmPrivate, RegionScope.PerVm, 64, (int)(FirstWord + WordsOfArgument),
            "A call that was left to another thread of the VMM: kind, number, vCPU, argument.")
        {
            RecordHolds = [WordKind.Number, WordKind.Number, WordKind.Number, description.WaiterCookie,
                WordKind.Number, WordKind.Number, WordKind.Number],
        };

    private Region Words => new(place);

    /// <summary>Leaves an ioctl to another thread, if there is room.</summary>
    public bool TryGiveIoctl<TVmm>(TVmm world, int vcpu, uint number, IoctlArgument argument)
        where TVmm : struct, IVmm =>
        TryGive(world, Ioctl, vcpu, number, [argument.W0, argument.W1, argument.W2, argument.W3]);

    /// <summary>Leaves a store to another thread, if there is room.</summary>
    public bool TryGiveStore<TVmm>(TVmm world, Region region, ulong index, ulong value)
        where TVmm : struct, IVmm =>
        TryGive(world, Store + (ulong)region.Id, 0, (uint)index, [0, value, 0, 0]);

    private bool TryGive<TVmm>(TVmm world, ulong kind, int vcpu, uint number, ReadOnlySpan<ulong> argument)
        where TVmm : struct, IVmm
    {
        if (world.CompareExchange(Words, State, Free, BeingWritten) != Free)
        {
            return false;
        }

        Put(world, Number, number);
        Put(world, Vcpu, (ulong)vcpu);
        for (var i = 0; i < argument.Length; i++)
        {
            Put(world, FirstWord + (ulong)i, argument[i]);
        }

        world.Store(Words, State, kind, MemoryOrder.Release);
        world.SignalEventfd(OwnEventfd.Number);
        return true;
    }

    /// <summary>The other thread makes the call.</summary>
    public void Make<TVmm>(TVmm world, MistakePlan plan)
        where TVmm : struct, IVmm
    {
        var kind = world.Load(Words, State, MemoryOrder.Acquire);
        if (kind < Ioctl)
        {
            return;
        }

        var number = Take(world, Number);
        var vcpu = (int)Take(world, Vcpu);
        var (w0, w1) = (Take(world, FirstWord), Take(world, FirstWord + 1));
        var (w2, w3) = (Take(world, FirstWord + 2), Take(world, FirstWord + 3));
        world.Store(Words, State, Free, MemoryOrder.Release);
        if (kind == Ioctl)
        {
            plan.Made(world.Ioctl(vcpu, (uint)number, new(w0, w1, w2, w3)));
        }
        else
        {
            world.Store(new((int)(kind - Store)), number, w1);
        }
    }

    /// <summary>A word that is not 0 already.</summary>
    private void Put<TVmm>(TVmm world, ulong word, ulong value)
        where TVmm : struct, IVmm
    {
        if (value != 0)
        {
            world.Store(Words, word, value);
        }
    }

    private ulong Take<TVmm>(TVmm world, ulong word)
        where TVmm : struct, IVmm
    {
        var value = world.Load(Words, word);
        if (value != 0)
        {
            world.Store(Words, word, 0);
        }

        return value;
    }
}
