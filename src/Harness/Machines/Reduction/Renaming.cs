using System.Runtime.CompilerServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Kvm;

namespace UapiLab.Harness.Machines.Reduction;

/// <summary>
/// Swaps vCPUs and frames in a normal state: the state the machine would be in had they had each other's names from the
/// start. What a field names stands at its declaration (MachineState.cs); a test steps renamed and plain states side by
/// side and finds one that says the wrong thing (tests/Harness.Tests/Checking: SymmetryTests).
/// </summary>
internal sealed class Renaming(Machine machine)
{
    private readonly MachineConfig _config = machine.Config;
    private readonly int _slots = KvmApf.SlotsPerVcpu(machine.Config);
    private readonly byte[] _before = new byte[machine.StateInPlace.Length];
    private int[] _vcpus = [];
    private int[] _frames = [];

    // Of the actor whose state is renamed.
    private RecordKind _work;
    private bool _isAtEventfd;
    private BlockReason _blocked;

    /// <summary>Whether some vCPU gets another name.</summary>
    public bool NamesVcpus { get; private set; }

    /// <summary>Whether some frame does.</summary>
    public bool NamesFrames { get; private set; }

    /// <summary>Whether every word in use says what it stands for, no word holds only some of the frames, and no frame
    /// and no eventfd is a special one.</summary>
    public static bool IsPossible(Machine machine) =>
        machine.Config is { ApfAreaGfn: < 0, RefusesLastGfn: false, HasOwnEventfd: false }
            && machine.CookieKind != RecordKind.Opaque
            && machine.ExtraKind != RecordKind.Opaque
        && machine.Regions.All(r => !r.IsOpaque && HoldsAllFramesOrOne(r, machine.Config.Gfns));

    /// <summary>Whether the state holds something that cannot be renamed.</summary>
    public bool IsStuck()
    {
        var isWorking = machine.Actors[machine.WorkerActor].Step == ServiceStep.Work;
        if (machine.WorkKind == RecordKind.Opaque && (machine.Vm.WorkCount > 0 || isWorking))
        {
            return true;
        }

        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            var used = machine.Actors[actor].LogWords;
            if (used > 0 && machine.LogKinds.Span((long)actor * _config.LogLimit, used).Contains(RecordKind.Opaque))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Renames: vCPU v becomes <paramref name="vcpuNames"/>[v], frame g becomes
    /// <paramref name="frameNames"/>[g].</summary>
    public void Apply(int[] vcpuNames, int[] frameNames)
    {
        _vcpus = vcpuNames;
        _frames = frameNames;
        (NamesVcpus, NamesFrames) = (!AreKept(vcpuNames), !AreKept(frameNames));
        KeepWhatIsUsed();
        StateTable<VmState>.Rename(ref machine.Vm, this);
        Vcpus();
        Tasks();
        Actors();
        Locks();
        Apf();
        Memory();
        Book();
        Regions();
        machine.SharedMemory.Rename(_before, this);
    }

    /// <summary>The state as it is; of the records of operations only what is in use.</summary>
    private void KeepWhatIsUsed()
    {
        var state = machine.StateInPlace;
        state[..machine.CoreBytes].CopyTo(_before);
        for (var actor = 0; actor < machine.ActorCount; actor++)
        {
            var used = machine.Actors[actor].LogWords;
            if (used > 0)
            {
                var first = (long)actor * _config.LogLimit;
                Keep(state, machine.Log, first, used);
                Keep(state, machine.LogKinds, first, used);
            }
        }
    }

    private void Keep<T>(ReadOnlySpan<byte> state, Section<T> section, long first, int count) where T : unmanaged
    {
        var start = (int)(section.Offset + (first * Unsafe.SizeOf<T>()));
        state.Slice(start, count * Unsafe.SizeOf<T>()).CopyTo(_before.AsSpan(start));
    }

    private void Vcpus()
    {
        for (var vcpu = 0; vcpu < _config.Vcpus; vcpu++)
        {
            var v = machine.Vcpus.In(_before)[vcpu];
            StateTable<VcpuState>.Rename(ref v, this);
            machine.Vcpus[_vcpus[vcpu]] = v;
        }
    }

    private void Tasks()
    {
        var tasks = machine.Tasks.In(_before);
        for (var task = 0; task < tasks.Length; task++)
        {
            var t = tasks[task];
            StateTable<TaskState>.Rename(ref t, this);
            machine.Tasks[Task(task)] = t;
        }

        var dummies = machine.Guest.Dummies.In(_before);
        var perVcpu = dummies.Length / _config.Vcpus;
        for (var i = 0; i < dummies.Length; i++)
        {
            machine.Guest.Dummies[PerVcpu(i, perVcpu)] = Token(dummies[i]);
        }
    }

    private void Actors()
    {
        var actors = machine.Actors.In(_before);
        for (var actor = 0; actor < actors.Length; actor++)
        {
            var a = actors[actor];
            _work = actor == machine.WorkerActor && a.Step == ServiceStep.Work ? machine.WorkKind : RecordKind.Gfn;
            _isAtEventfd = a.Step == ServiceStep.Eventfd && actor >= _config.Vcpus;
            _blocked = a.Blocked;
            StateTable<ActorState>.Rename(ref a, this);
            var to = Actor(actor);
            machine.Actors[to] = a;
            var given = machine.Log.In(_before).Slice(actor * _config.LogLimit, a.LogWords);
            var kinds = machine.LogKinds.In(_before).Slice(actor * _config.LogLimit, a.LogWords);
            for (var i = 0; i < given.Length; i++)
            {
                machine.Log[((long)to * _config.LogLimit) + i] = Value(given[i], kinds[i]);
                machine.LogKinds[((long)to * _config.LogLimit) + i] = kinds[i];
            }
        }
    }

    private void Locks()
    {
        var owners = machine.Locks.Owners.In(_before);
        for (var i = 0; i < owners.Length; i++)
        {
            machine.Locks.Owners[PerVcpu(i, LockTable.Kinds)] = owners[i] == 0 ? 0 : Actor(owners[i] - 1) + 1;
        }

        PerVcpu(machine.Eventfds.Counters, 2);
        PerVcpu(machine.Eventfds.Signalled, 2);
        machine.Work.Rename(this);
    }

    private void Apf()
    {
        var items = machine.Apf.Items.In(_before);
        for (var slot = 0; slot < items.Length; slot++)
        {
            var item = items[slot];
            StateTable<ApfItem>.Rename(ref item, this);
            machine.Apf.Items[Slot(slot)] = item;
        }

        Slots(machine.Apf.Queue, _slots);
        Slots(machine.Apf.DoneRing, machine.Apf.DonePerVcpu);
    }

    private void Slots(Section<int> section, int perVcpu)
    {
        var old = section.In(_before);
        for (var i = 0; i < old.Length; i++)
        {
            section[PerVcpu(i, perVcpu)] = Slot(old[i]);
        }
    }

    private void Memory()
    {
        var content = machine.Memory.Content.In(_before);
        var stage2 = machine.Memory.Stage2.In(_before);
        for (var frame = 0; frame < content.Length; frame++)
        {
            machine.Memory.Content[_frames[frame]] = content[frame];
            machine.Memory.Stage2[_frames[frame]] = stage2[frame];
        }

        var tlb = machine.Memory.Tlb.In(_before);
        machine.Memory.Tlb.Span(0, tlb.Length).Clear();
        for (var i = 0; i < tlb.Length; i++)
        {
            var entry = tlb[i];
            if (entry != 0)
            {
                const ulong Writable = 1UL << 63;
                var frame = Frame((entry & ~Writable) - 1);
                machine.Memory.Tlb[(_vcpus[i / _config.TlbEntries] * _config.TlbEntries)
                    + (long)(frame % (ulong)_config.TlbEntries)] = (frame + 1) | (entry & Writable);
            }
        }
    }

    private void Book()
    {
        var byGfn = machine.FetchTable.ByGfn.In(_before);
        for (var frame = 0; frame < byGfn.Length; frame++)
        {
            machine.FetchTable.ByGfn[_frames[frame]] = byGfn[frame] > 0 ? Fetch(byGfn[frame] - 1) + 1 : byGfn[frame];
        }

        var fetches = machine.FetchTable.Fetches.In(_before);
        for (var i = 0; i < _config.Gfns; i++)
        {
            var fetch = fetches[i];
            StateTable<FetchState>.Rename(ref fetch, this);
            machine.FetchTable.Fetches[Fetch(i)] = fetch;
        }

        var waiters = machine.FetchTable.Waiters.In(_before);
        for (var i = 0; i < waiters.Length; i++)
        {
            var waiter = waiters[i];
            if (waiter.Vcpu >= 0)
            {
                StateTable<WaiterState>.Rename(ref waiter, this);
                machine.FetchTable.Waiters[i] = waiter;
            }
        }

        for (var i = 0; i < machine.Vm.CompletedCount; i++)
        {
            machine.FetchTable.Completed[i] = Fetch(machine.FetchTable.Completed[i]);
        }

        machine.FetchTable.Normalise();
    }

    private void Regions()
    {
        foreach (var region in machine.Regions)
        {
            switch (region.Spec.Scope)
            {
                case RegionScope.PerGfn:
                    region.RenameFrames(_frames, _before);
                    break;
                default:
                    region.Rename(_before, this);
                    break;
            }
        }
    }

    /// <summary>Where a word of a region is under the new names.</summary>
    public int WordOf(RegionStore region, int index) => region.Spec.Scope switch
    {
        RegionScope.PerGfn => region.Spec.WordBits == region.Spec.Count ? _frames[index] : index,
        RegionScope.PerVm => index,
        RegionScope.PerVcpu => PerVcpu(index, region.Spec.Count),
        _ => (Slot(index / region.Spec.Count) * region.Spec.Count) + (index % region.Spec.Count),
    };

    private void PerVcpu<T>(Section<T> section, int perVcpu) where T : unmanaged
    {
        var old = section.In(_before);
        for (var i = 0; i < old.Length; i++)
        {
            section[PerVcpu(i, perVcpu)] = old[i];
        }
    }

    public ulong Value(ulong value, RecordKind kind)
    {
        if (kind.IsPacked)
        {
            return machine.Regions[kind.Region].RenameWord(value, _frames);
        }

        return kind == RecordKind.Gfn ? Frame(value)
            : kind == RecordKind.GfnPlusOne ? (value == 0 ? 0 : Frame(value - 1) + 1)
            : kind == RecordKind.Gpa ? Frame(value / Abstractions.Gfn.PageSize) * Abstractions.Gfn.PageSize
            : kind == RecordKind.Token ? Token((uint)value)
            : kind == RecordKind.Vcpu ? (ulong)_vcpus[(int)value]
            : kind == RecordKind.SlotPlusOne ? (ulong)(Slot((int)value - 1) + 1)
            : value;
    }

    /// <summary>What a field names, under the new names. Positions of 32 bits are given without their sign.</summary>
    public ulong Of(Names names, ulong value) => names switch
    {
        Names.Gfn => Frame(value),
        Names.GfnSet => (ulong)FrameSet((long)value),
        Names.Token => Token((uint)value),
        Names.Task => (ulong)Task((int)value),
        Names.TaskPlusOne => (ulong)(Task((int)value - 1) + 1),
        Names.Slot => (ulong)Slot((int)value),
        Names.Fetch => (ulong)Fetch((int)value),
        Names.Vcpu => (ulong)_vcpus[(int)value],
        Names.Actor => (ulong)Actor((int)value),
        Names.ExitExtra => Value(value, machine.ExtraKind),
        Names.WaiterCookie => Value(value, machine.CookieKind),
        Names.GfnOrWork => Value(value, _work),
        Names.FetchOrEventfd => (ulong)(_isAtEventfd ? PerVcpu((int)value, 2) : Fetch((int)value)),
        Names.WhatBlocks => (ulong)(_blocked switch
        {
            BlockReason.WaitFetch or BlockReason.LookupSleep => Fetch((int)value),
            BlockReason.Lock => PerVcpu((int)value, LockTable.Kinds),
            BlockReason.None or BlockReason.WorkerFlush => (int)value,
            _ => Actor((int)value),
        }),
        _ => throw new InvalidOperationException($"a field that names {names} cannot be renamed"),
    };

    public ulong Frame(ulong frame) => frame < (ulong)_frames.Length ? (ulong)_frames[frame] : frame;

    private long FrameSet(long set)
    {
        long renamed = 0;
        for (var frame = 0; frame < _frames.Length; frame++)
        {
            renamed |= (set >> frame & 1) << _frames[frame];
        }

        return renamed;
    }

    private int Fetch(int fetch) => (uint)fetch < (uint)_frames.Length ? _frames[fetch] : fetch;

    private uint Token(uint token) =>
        token is 0 or uint.MaxValue ? token : (token & ~0xFFFU) | (uint)_vcpus[token & 0xFFF];

    private int Slot(int slot) => slot < 0 ? slot : (_vcpus[slot / _slots] * _slots) + (slot % _slots);

    private int PerVcpu(int number, int perVcpu) => (_vcpus[number / perVcpu] * perVcpu) + (number % perVcpu);

    private int Task(int task) =>
        task < 0 ? task : (_vcpus[task / _config.TasksPerVcpu] * _config.TasksPerVcpu) + (task % _config.TasksPerVcpu);

    public int Actor(int actor) => (uint)actor < (uint)_config.Vcpus ? _vcpus[actor] : actor;

    private static bool AreKept(int[] names)
    {
        var kept = true;
        for (var i = 0; i < names.Length; i++)
        {
            kept &= names[i] == i;
        }

        return kept;
    }

    private static bool HoldsAllFramesOrOne(RegionStore region, long gfns)
    {
        var perWord = region.Spec.WordBits / region.Spec.Count;
        return region.Spec.Scope != RegionScope.PerGfn || perWord == 1 || perWord >= gfns;
    }
}
