using System.Runtime.InteropServices;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Model;

/// <summary>
/// Picks one of the states that differ only in the names of vCPUs, frames and tasks: names are given in the order of
/// what can be said about each without naming any. Ties leave more than one representative, which costs states, never
/// soundness.
/// </summary>
internal sealed class Symmetry
{
    private readonly Machine _machine;
    private readonly Renaming? _renaming;
    private readonly int[] _vcpuNames;
    private readonly int[] _frameNames;
    private readonly ulong[] _vcpuKeys;
    private readonly ulong[] _frameKeys;

    public Symmetry(Machine machine)
    {
        this._machine = machine;
        _renaming = Renaming.IsPossible(machine) ? new(machine) : null;
        _vcpuNames = new int[machine.Config.Vcpus];
        _frameNames = new int[machine.Config.Gfns];
        _vcpuKeys = new ulong[_vcpuNames.Length];
        _frameKeys = new ulong[_frameNames.Length];
    }

    /// <summary>Whether a state may call a vCPU by another's name.</summary>
    public bool RenamesVcpus => _renaming is not null && _vcpuNames.Length > 1;

    public void Apply()
    {
        if (_renaming is not null && !_renaming.IsStuck())
        {
            for (var vcpu = 0; vcpu < _vcpuKeys.Length; vcpu++)
            {
                _vcpuKeys[vcpu] = VcpuKey(vcpu);
            }

            for (var frame = 0; frame < _frameKeys.Length; frame++)
            {
                _frameKeys[frame] = FrameKey(frame);
            }

            if (Order(_vcpuNames, _vcpuKeys) | Order(_frameNames, _frameKeys))
            {
                _renaming.Apply(_vcpuNames, _frameNames);
            }
        }

        for (var vcpu = 0; vcpu < _machine.Config.Vcpus; vcpu++)
        {
            SortTasks(vcpu);
        }
    }

    /// <summary>Every way to name vCPUs and frames, as they are first.</summary>
    public IEnumerable<(int[] Vcpus, int[] Frames)> Names() =>
        from vcpus in Orders(_machine.Config.Vcpus)
        from frames in Orders((int)_machine.Config.Gfns)
        select (vcpus, frames);

    /// <summary>Gives everything these names, and sorts the tasks.</summary>
    /// <returns>False if the state cannot be given other names than it has.</returns>
    public bool Rename(int[] vcpus, int[] frames)
    {
        var others = !vcpus.SequenceEqual(Enumerable.Range(0, vcpus.Length))
            || !frames.SequenceEqual(Enumerable.Range(0, frames.Length));
        if (others && (_renaming is null || _renaming.IsStuck()))
        {
            return false;
        }

        if (others)
        {
            _renaming!.Apply(vcpus, frames);
        }

        for (var vcpu = 0; vcpu < _machine.Config.Vcpus; vcpu++)
        {
            SortTasks(vcpu);
        }

        return true;
    }

    private static IEnumerable<int[]> Orders(int count) => count == 0
        ? [[]]
        : from rest in Orders(count - 1)
          from place in Enumerable.Range(0, count)
          select (int[])[.. rest[..place],
            count - 1, .. rest[place..]];

    /// <returns>Whether anything changes its name.</returns>
    private static bool Order(int[] names, ulong[] keys)
    {
        var renamed = false;
        for (var i = 0; i < keys.Length; i++)
        {
            var name = 0;
            for (var j = 0; j < keys.Length; j++)
            {
                name += keys[j] > keys[i] || (keys[j] == keys[i] && j < i) ? 1 : 0;
            }

            names[i] = name;
            renamed |= name != i;
        }

        return renamed;
    }

    private ulong VcpuKey(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        ref var a = ref _machine.Actors[vcpu];
        var key = Mix((ulong)v.Step << 56 | (ulong)v.Resume << 48 | (ulong)(uint)v.Queued << 40 | (ulong)(
            uint)v.DoneCount << 32
            | (ulong)(uint)v.Dummies << 28 | (ulong)a.Blocked << 20 | (ulong)(uint)a.LogWords << 8 | v.SharedFlags);
        key ^= Mix((v.Kicked ? 1UL : 0) | (v.RequestReady ? 2UL : 0) | (v.RequestHalt ? 4UL : 0) | (v.ApfHalted ? 8UL
            : 0) | (v.PageReadyPending ? 16UL : 0)
            | (v.PfPending ? 32UL : 0) | (v.IrqPending ? 64UL : 0) | (v.GuestHlt ? 128UL : 0) | (v.Owner ? 256UL
                : 0) | (v.Slept ? 512UL : 0)
            | (v.SharedToken == 0 ? 0 : v.SharedToken == uint.MaxValue ? 1024UL
                : 2048UL) | (ulong)v.Wanted << 16 | (ulong)v.Disposition << 24 | v.ExitFlags << 32);
        for (var task = vcpu * _machine.Config.TasksPerVcpu; task < (vcpu + 1) * _machine.Config.TasksPerVcpu; task++)
        {
            ref var t = ref _machine.Tasks[task];
            key += Mix((ulong)t.Status << 8 | (ulong)t.Flags << 16 | (t.HasStep ? 1UL : 0) | (v.CurrentTask == task
                ? 2UL : 0)
                | (ulong)System.Numerics.BitOperations.PopCount((ulong)t.ProgramIndex) << 24 | 1UL << 60);
        }

        return key;
    }

    private ulong FrameKey(int frame)
    {
        ref var fetch = ref _machine.FetchTable.Fetches[frame];
        var key = Mix((_machine.FetchTable.HasArrived((ulong)frame) ? 1UL
            : 0) | (ulong)fetch.Status << 8 | (fetch.OnDemand ? 1UL << 16 : 0)
            | (fetch.Owner >= 0 ? 1UL << 17
                : 0) | (ulong)(uint)fetch.BlockedThreads << 24 | (ulong)_machine.Memory.Content[frame] << 32
            | (ulong)_machine.Memory.Stage2[frame] << 40 | (fetch.FirstWaiter > 0 ? 1UL << 48
                : 0) | (_machine.Memory.IsTracked((ulong)frame) ? 1UL << 49 : 0) | 1UL << 61);
        for (var task = 0; task < (int)_machine.Tasks.Count; task++)
        {
            ref var t = ref _machine.Tasks[task];
            var current = _machine.Vcpus[task / _machine.Config.TasksPerVcpu].CurrentTask == task;
            key += Mix(((ulong)t.ProgramIndex >> frame & 1) | (t.Gfn == (ulong)frame ? 2UL
                : 0) | (ulong)t.Status << 8 | (t.HasStep ? 16UL : 0)
                | (current ? 1UL << 20 | (ulong)_machine.Vcpus[task / _machine.Config.TasksPerVcpu].Step << 24
                    : 0) | 1UL << 62);
        }

        return key;
    }

    /// <summary>Tasks of a vCPU have the same program, so the same bytes in another order are the same state.</summary>
    private void SortTasks(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        var first = vcpu * _machine.Config.TasksPerVcpu;
        var tasks = _machine.Tasks.Span(first, _machine.Config.TasksPerVcpu);
        for (var i = 1; i < tasks.Length; i++)
        {
            for (var j = i; j > 0 && Bytes(ref tasks[j]).SequenceCompareTo(Bytes(ref tasks[j - 1])) < 0; j--)
            {
                (tasks[j], tasks[j - 1]) = (tasks[j - 1], tasks[j]);
                v.CurrentTask = Swapped(v.CurrentTask, first + j);
                v.WokenTask = Swapped(v.WokenTask - 1, first + j) + 1;
            }
        }
    }

    private static int Swapped(int task, int upper) => task == upper ? upper - 1 : task == upper - 1 ? upper : task;

    private static ReadOnlySpan<byte> Bytes(ref TaskState task) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<TaskState>(ref task));

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value ^ 0x9E3779B97F4A7C15, 0xA0761D6478BD642F, out var low);
        return high ^ low;
    }
}
