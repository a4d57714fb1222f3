using UapiLab.Harness.Machines.Guest;

namespace UapiLab.Harness.Checking.Model;

/// <summary>Guest of a check: every task touches every frame once, in an order and in modes left open; it writes, or
/// where writes are tracked, it may as well read. The index of a step
/// is the set of frames touched so far.</summary>
internal sealed class CheckProgram(CheckInstance instance) : IGuestProgram
{
    // the area's frame is the last, and the guest's kernel's
    private readonly int _frames = instance.Gfns - (instance.HasAreaInSlot ? 1 : 0);
    private readonly GuestStepFlags[] _modes = instance.TracksWrites
        ? [.. instance.Modes.Select(m => m | GuestStepFlags.Write), .. instance.Modes]
        : [.. instance.Modes.Select(m => m | GuestStepFlags.Write)];

    public int Alternatives(int task, long index) => Untouched(index) * _modes.Length;

    public bool TryStep(int task, long index, out GuestStep step) => TryStep(task, index, 0, out step);

    public bool TryStep(int task, long index, int alternative, out GuestStep step)
    {
        step = default;
        if (Untouched(index) == 0)
        {
            return false;
        }

        var skip = alternative / _modes.Length;
        var gfn = 0;
        for (; (index >> gfn & 1) != 0 || skip-- > 0; gfn++)
        {
        }

        step = new(0, (ulong)gfn, _modes[alternative % _modes.Length]);
        return true;
    }

    public long After(long index, in GuestStep step) => index | 1L << (int)step.Gfn;

    private int Untouched(long index) => _frames - System.Numerics.BitOperations.PopCount((ulong)index);
}
