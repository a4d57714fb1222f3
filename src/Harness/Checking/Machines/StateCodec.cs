using System.Runtime.InteropServices;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>A normal state as few bytes: which of its 64-bit words are not zero, and those words. Of the records of operations in
/// progress only the words in use count.</summary>
internal sealed class StateCodec(Machine machine)
{
    private readonly int coreWords = machine.CoreBytes / sizeof(ulong);
    private readonly bool kinds = machine.Shape.Renames;
    private readonly ulong[] buffer = new ulong[(machine.CoreBytes / sizeof(ulong) * 2) + 2 + (machine.ActorCount * machine.Shape.LogLimit * 2)];

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode()
    {
        var words = MemoryMarshal.Cast<byte, ulong>(machine.StateInPlace);
        var maps = (coreWords + 63) / 64;
        var length = maps;
        for (var map = 0; map < maps; map++)
        {
            ulong set = 0;
            var end = Math.Min(coreWords, (map + 1) * 64);
            for (var i = map * 64; i < end; i++)
            {
                var word = words[i];
                if (word != 0)
                {
                    set |= 1UL << (i & 63);
                    buffer[length++] = word;
                }
            }

            buffer[map] = set;
        }

        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            var used = machine.Actors[actor].LogWords;
            if (used > 0)
            {
                machine.Log.Span((long)actor * machine.Shape.LogLimit, used).CopyTo(buffer.AsSpan(length));
                length += used;
                if (kinds)
                {
                    var room = MemoryMarshal.AsBytes(buffer.AsSpan(length, (used + 7) / 8));
                    room.Clear();
                    MemoryMarshal.AsBytes(machine.LogKinds.Span((long)actor * machine.Shape.LogLimit, used)).CopyTo(room);
                    length += (used + 7) / 8;
                }
            }
        }

        return MemoryMarshal.AsBytes(buffer.AsSpan(0, length));
    }

    public void Decode(ReadOnlySpan<byte> state)
    {
        var from = MemoryMarshal.Cast<byte, ulong>(state);
        var words = MemoryMarshal.Cast<byte, ulong>(machine.StateInPlace);
        var maps = (coreWords + 63) / 64;
        words[..coreWords].Clear();
        var length = maps;
        for (var map = 0; map < maps; map++)
        {
            for (var set = from[map]; set != 0; set &= set - 1)
            {
                words[(map * 64) + System.Numerics.BitOperations.TrailingZeroCount(set)] = from[length++];
            }
        }

        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            var used = machine.Actors[actor].LogWords;
            if (used > 0)
            {
                from.Slice(length, used).CopyTo(machine.Log.Span((long)actor * machine.Shape.LogLimit, used));
                length += used;
                if (kinds)
                {
                    MemoryMarshal.AsBytes(from.Slice(length, (used + 7) / 8))[..used].CopyTo(MemoryMarshal.AsBytes(machine.LogKinds.Span((long)actor * machine.Shape.LogLimit, used)));
                    length += (used + 7) / 8;
                }
            }
        }
    }
}
