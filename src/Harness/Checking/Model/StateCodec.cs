using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Model;

/// <summary>
/// A normal state as few bytes: which of its 64-bit words differ from those of the state the machine was built in, and
/// those words. Of the records of operations in progress only the words in use count. What the environment may still do
/// is kept apart, in one byte of flags.
/// </summary>
internal sealed class StateCodec
{
    private readonly Machine _machine;
    private readonly bool _kinds;
    private readonly ulong[] _usual;
    private readonly ulong[] _buffer;
    private readonly ulong[] _kept;
    private readonly int _maps;
    private int _recordsAt, _keptRecordsAt;

    /// <param name="machine">The machine.</param>
    /// <param name="usual">What states are compared with; null for the state the machine is in. One for all workers of
    /// a model.</param>
    public StateCodec(Machine machine, ulong[]? usual = null)
    {
        if (machine.Config.Environment is { Resets: > 0, KvmWrites: > 0 })
        {
            throw new NotSupportedException("resets and KVM's own writes share the bit that says what is left of them");
        }

        this._machine = machine;
        _kinds = machine.Config.Renames;
        var words = machine.CoreBytes / sizeof(ulong);
        _maps = (words + 63) / 64;
        _buffer = new ulong[words + _maps + (machine.ActorCount * machine.Config.LogLimit * 2)];
        if (usual is null)
        {
            new Normalisation(machine).Apply();
            usual = MemoryMarshal.Cast<byte, ulong>(machine.StateInPlace)[..words].ToArray();
        }

        this._usual = usual;
        _kept = new ulong[words];
    }

    /// <summary>What states are compared with.</summary>
    public ulong[] Usual => _usual;

    /// <summary>Of the state encoded last.</summary>
    public byte RemainingBudget { get; private set; }

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode()
    {
        TakeBudget();
        var words = MemoryMarshal.Cast<byte, ulong>(_machine.StateInPlace);
        var length = _maps;
        for (var map = 0; map < _maps; map++)
        {
            var start = map * 64;
            var set = Differing(words, start);
            _buffer[map] = set;
            for (; set != 0; set &= set - 1)
            {
                var i = start + BitOperations.TrailingZeroCount(set);
                _buffer[length++] = words[i] ^ _usual[i];
            }
        }

        for (var actor = 0; actor < _machine.ActorCount; actor++)
        {
            var used = _machine.Actors[actor].LogWords;
            if (used == 0)
            {
                continue;
            }

            LogOf(actor, used).CopyTo(_buffer.AsSpan(length));
            length += used;
            if (_kinds)
            {
                var room = _buffer.AsSpan(length, KindWords(used));
                room.Clear();
                MemoryMarshal.AsBytes(KindsOf(actor, used)).CopyTo(MemoryMarshal.AsBytes(room));
                length += room.Length;
            }
        }

        return MemoryMarshal.AsBytes(_buffer.AsSpan(0, length));
    }

    public void Decode(ReadOnlySpan<byte> state, byte remainingBudget)
    {
        var from = MemoryMarshal.Cast<byte, ulong>(state);
        var words = MemoryMarshal.Cast<byte, ulong>(_machine.StateInPlace);
        _usual.CopyTo(words);
        var length = _maps;
        for (var map = 0; map < _maps; map++)
        {
            for (var set = from[map]; set != 0; set &= set - 1)
            {
                words[(map * 64) + BitOperations.TrailingZeroCount(set)] ^= from[length++];
            }
        }

        _recordsAt = length;
        Records(from[length..]);
        GiveBudget(remainingBudget);
    }

    /// <summary>The state that was kept, but for the records of operations: the block up to these.</summary>
    public ReadOnlySpan<byte> Kept => MemoryMarshal.AsBytes(_kept.AsSpan());

    /// <summary>Remembers the state decoded just now, for <see cref="DecodeKept"/>.</summary>
    public void Keep()
    {
        MemoryMarshal.Cast<byte, ulong>(_machine.StateInPlace)[.._kept.Length].CopyTo(_kept);
        _keptRecordsAt = _recordsAt;
    }

    /// <summary>The same as decoding once more the state that was kept, with what was left of its budget
    /// then.</summary>
    /// <param name="state">That state.</param>
    public void DecodeKept(ReadOnlySpan<byte> state)
    {
        _kept.CopyTo(MemoryMarshal.Cast<byte, ulong>(_machine.StateInPlace));
        Records(MemoryMarshal.Cast<byte, ulong>(state)[_keptRecordsAt..]);
    }

    /// <summary>Which of 64 words of the state are not as usual.</summary>
    private ulong Differing(ReadOnlySpan<ulong> words, int start)
    {
        var count = Math.Min(_usual.Length - start, 64);
        ref var these = ref MemoryMarshal.GetReference(words.Slice(start, count));
        ref var usual = ref MemoryMarshal.GetReference(_usual.AsSpan(start, count));
        ulong same = 0;
        nuint i = 0;
        for (; i + (nuint)Vector256<ulong>.Count <= (nuint)count; i += (nuint)Vector256<ulong>.Count)
        {
            var equal = Vector256.Equals(Vector256.LoadUnsafe(ref these, i), Vector256.LoadUnsafe(ref usual, i));
            same |= (ulong)equal.ExtractMostSignificantBits() << (int)i;
        }

        for (; i < (nuint)count; i++)
        {
            same |= words[start + (int)i] == _usual[start + (int)i] ? 1UL << (int)i : 0;
        }

        return ~same & (ulong.MaxValue >> (64 - count));
    }

    /// <summary>Puts the records of operations in progress back, of the actors that are in place already.</summary>
    private void Records(ReadOnlySpan<ulong> from)
    {
        var length = 0;
        for (var actor = 0; actor < _machine.ActorCount; actor++)
        {
            var used = _machine.Actors[actor].LogWords;
            if (used == 0)
            {
                continue;
            }

            from.Slice(length, used).CopyTo(LogOf(actor, used));
            length += used;
            if (_kinds)
            {
                MemoryMarshal.AsBytes(from.Slice(length, KindWords(used)))[..used]
                    .CopyTo(MemoryMarshal.AsBytes(KindsOf(actor, used)));
                length += KindWords(used);
            }
        }
    }

    private static int KindWords(int used) => (used + sizeof(ulong) - 1) / sizeof(ulong);

    private Span<ulong> LogOf(int actor, int used) => _machine.Log.Span((long)actor * _machine.Config.LogLimit, used);

    private Span<RecordKind> KindsOf(int actor, int used) =>
        _machine.LogKinds.Span((long)actor * _machine.Config.LogLimit, used);

    private void TakeBudget()
    {
        ref var vm = ref _machine.Vm;
        RemainingBudget = (byte)(vm.SignalsLeft | vm.RefusalsLeft << 1 | vm.CopyFailuresLeft << 2
            | vm.CarelessLeft << 3 | vm.RepeatsLeft << 4 | (vm.ResetsLeft | vm.KvmWritesLeft) << 5
            | vm.EventDropsLeft << 6 | vm.PrefaultsLeft << 7);
        vm.SignalsLeft = vm.RefusalsLeft = vm.CopyFailuresLeft = vm.CarelessLeft = vm.RepeatsLeft = 0;
        vm.ResetsLeft = vm.EventDropsLeft = vm.PrefaultsLeft = vm.KvmWritesLeft = 0;
    }

    private void GiveBudget(byte remainingBudget)
    {
        ref var vm = ref _machine.Vm;
        var may = _machine.Config.Environment;
        vm.SignalsLeft = (byte)(may.Signals > 0 ? remainingBudget & 1 : 0);
        vm.RefusalsLeft = (byte)(may.RefusedInjections > 0 ? remainingBudget >> 1 & 1 : 0);
        vm.CopyFailuresLeft = (byte)(may.FailedCopies > 0 ? remainingBudget >> 2 & 1 : 0);
        vm.CarelessLeft = (byte)(may.CarelessReentries > 0 ? remainingBudget >> 3 & 1 : 0);
        vm.RepeatsLeft = (byte)(may.RepeatedIoctls > 0 ? remainingBudget >> 4 & 1 : 0);
        vm.ResetsLeft = (byte)(may.Resets > 0 ? remainingBudget >> 5 & 1 : 0);
        vm.KvmWritesLeft = (byte)(may.KvmWrites > 0 ? remainingBudget >> 5 & 1 : 0);
        vm.EventDropsLeft = (byte)(may.DroppedEvents > 0 ? remainingBudget >> 6 & 1 : 0);
        vm.PrefaultsLeft = (byte)(may.Prefaults > 0 ? remainingBudget >> 7 & 1 : 0);
    }
}
