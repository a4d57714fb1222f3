using System.Numerics;
using System.Runtime.InteropServices;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>
/// A normal state as few bytes: which of its 64-bit words differ from those of the state the machine was built in, and those
/// words. Of the records of operations in progress only the words in use count. What the environment may still do is kept
/// apart, in one byte of flags.
/// </summary>
internal sealed class StateCodec
{
    private readonly Machine machine;
    private readonly bool kinds;
    private readonly ulong[] usual;
    private readonly ulong[] buffer;
    private readonly int maps;

    /// <param name="machine">The machine.</param>
    /// <param name="usual">What states are compared with; null for the state the machine is in. One for all workers of a model.</param>
    public StateCodec(Machine machine, ulong[]? usual = null)
    {
        this.machine = machine;
        kinds = machine.Shape.Renames;
        var words = machine.CoreBytes / sizeof(ulong);
        maps = (words + 63) / 64;
        buffer = new ulong[words + maps + (machine.ActorCount * machine.Shape.LogLimit * 2)];
        if (usual is null)
        {
            new Normalisation(machine).Apply();
            usual = MemoryMarshal.Cast<byte, ulong>(machine.StateInPlace)[..words].ToArray();
        }

        this.usual = usual;
    }

    /// <summary>What states are compared with.</summary>
    public ulong[] Usual => usual;

    /// <summary>Of the state encoded last.</summary>
    public byte Allowances { get; private set; }

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode()
    {
        TakeAllowances();
        var words = MemoryMarshal.Cast<byte, ulong>(machine.StateInPlace);
        var length = maps;
        for (var map = 0; map < maps; map++)
        {
            ulong set = 0;
            var start = map * 64;
            var end = Math.Min(usual.Length, start + 64);
            if (words[start..end].SequenceEqual(usual.AsSpan(start..end)))
            {
                buffer[map] = 0; // as most of a big machine is, most of the time
                continue;
            }

            for (var i = start; i < end; i++)
            {
                var word = words[i] ^ usual[i];
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
            if (used == 0)
            {
                continue;
            }

            LogOf(actor, used).CopyTo(buffer.AsSpan(length));
            length += used;
            if (kinds)
            {
                var room = buffer.AsSpan(length, KindWords(used));
                room.Clear();
                MemoryMarshal.AsBytes(KindsOf(actor, used)).CopyTo(MemoryMarshal.AsBytes(room));
                length += room.Length;
            }
        }

        return MemoryMarshal.AsBytes(buffer.AsSpan(0, length));
    }

    public void Decode(ReadOnlySpan<byte> state, byte allowances)
    {
        var from = MemoryMarshal.Cast<byte, ulong>(state);
        var words = MemoryMarshal.Cast<byte, ulong>(machine.StateInPlace);
        usual.CopyTo(words);
        var length = maps;
        for (var map = 0; map < maps; map++)
        {
            for (var set = from[map]; set != 0; set &= set - 1)
            {
                words[(map * 64) + BitOperations.TrailingZeroCount(set)] ^= from[length++];
            }
        }

        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            var used = machine.Actors[actor].LogWords;
            if (used == 0)
            {
                continue;
            }

            from.Slice(length, used).CopyTo(LogOf(actor, used));
            length += used;
            if (kinds)
            {
                MemoryMarshal.AsBytes(from.Slice(length, KindWords(used)))[..used].CopyTo(MemoryMarshal.AsBytes(KindsOf(actor, used)));
                length += KindWords(used);
            }
        }

        GiveAllowances(allowances);
    }

    private static int KindWords(int used) => (used + sizeof(ulong) - 1) / sizeof(ulong);

    private Span<ulong> LogOf(int actor, int used) => machine.Log.Span((long)actor * machine.Shape.LogLimit, used);

    private Span<RecordKind> KindsOf(int actor, int used) => machine.LogKinds.Span((long)actor * machine.Shape.LogLimit, used);

    private void TakeAllowances()
    {
        ref var vm = ref machine.Vm;
        Allowances = (byte)(vm.SignalsLeft | vm.RefusalsLeft << 1 | vm.CopyFailuresLeft << 2 | vm.CarelessLeft << 3 | vm.RepeatsLeft << 4);
        vm.SignalsLeft = vm.RefusalsLeft = vm.CopyFailuresLeft = vm.CarelessLeft = vm.RepeatsLeft = 0;
    }

    private void GiveAllowances(byte allowances)
    {
        ref var vm = ref machine.Vm;
        var may = machine.Shape.Environment;
        vm.SignalsLeft = (byte)(may.Signals > 0 ? allowances & 1 : 0);
        vm.RefusalsLeft = (byte)(may.RefusedInjections > 0 ? allowances >> 1 & 1 : 0);
        vm.CopyFailuresLeft = (byte)(may.FailedCopies > 0 ? allowances >> 2 & 1 : 0);
        vm.CarelessLeft = (byte)(may.CarelessReentries > 0 ? allowances >> 3 & 1 : 0);
        vm.RepeatsLeft = (byte)(may.RepeatedIoctls > 0 ? allowances >> 4 & 1 : 0);
    }
}
