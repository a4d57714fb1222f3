using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>
/// Swaps vCPUs and frames in a normal state: the state the machine would be in had they had each other's names from the
/// start. What a field names stands at its declaration (MachineState.cs); a test steps renamed and plain states side by
/// side and finds one that says the wrong thing (tests/Harness.Tests/Checking: SymmetryTests).
/// </summary>
internal sealed class Renaming(Machine machine)
{
    private readonly MachineShape shape = machine.Shape;
    private readonly int slots = KvmApf.SlotsPerVcpu(machine.Shape);
    private readonly byte[] before = new byte[machine.StateInPlace.Length];
    private int[] vcpus = [];
    private int[] frames = [];

    // Of the actor whose state is renamed.
    private RecordKind work;
    private bool isAtEventfd;
    private BlockReason blocked;

    /// <summary>Whether every word in use says what it stands for, no word holds only some of the frames, and no frame is a special one.</summary>
    public static bool IsPossible(Machine machine) =>
        machine.Shape.ApfAreaGfn < 0 && machine.CookieKind != RecordKind.Opaque && machine.ExtraKind != RecordKind.Opaque
        && machine.Regions.All(r => !r.IsOpaque && HoldsAllFramesOrOne(r, machine.Shape.Gfns));

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
            if (used > 0 && machine.LogKinds.Span((long)actor * shape.LogLimit, used).Contains(RecordKind.Opaque))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Renames: vCPU v becomes <paramref name="vcpuNames"/>[v], frame g becomes <paramref name="frameNames"/>[g].</summary>
    public void Apply(int[] vcpuNames, int[] frameNames)
    {
        vcpus = vcpuNames;
        frames = frameNames;
        machine.StateInPlace.CopyTo(before);
        StateTable<VmState>.Rename(ref machine.Vm, this);
        Vcpus();
        Tasks();
        Actors();
        Locks();
        Apf();
        Memory();
        Book();
        Regions();
        machine.Words.Rename(before, this);
    }

    private void Vcpus()
    {
        for (var vcpu = 0; vcpu < shape.Vcpus; vcpu++)
        {
            var v = machine.Vcpus.In(before)[vcpu];
            StateTable<VcpuState>.Rename(ref v, this);
            machine.Vcpus[vcpus[vcpu]] = v;
        }
    }

    private void Tasks()
    {
        var tasks = machine.Tasks.In(before);
        for (var task = 0; task < tasks.Length; task++)
        {
            var t = tasks[task];
            StateTable<TaskState>.Rename(ref t, this);
            machine.Tasks[Task(task)] = t;
        }

        var dummies = machine.Guest.Dummies.In(before);
        var perVcpu = dummies.Length / shape.Vcpus;
        for (var i = 0; i < dummies.Length; i++)
        {
            machine.Guest.Dummies[PerVcpu(i, perVcpu)] = Token(dummies[i]);
        }
    }

    private void Actors()
    {
        var actors = machine.Actors.In(before);
        for (var actor = 0; actor < actors.Length; actor++)
        {
            var a = actors[actor];
            work = actor == machine.WorkerActor && a.Step == ServiceStep.Work ? machine.WorkKind : RecordKind.Gfn;
            isAtEventfd = a.Step == ServiceStep.Eventfd && actor >= shape.Vcpus;
            blocked = a.Blocked;
            StateTable<ActorState>.Rename(ref a, this);
            var to = Actor(actor);
            machine.Actors[to] = a;
            var given = machine.Log.In(before).Slice(actor * shape.LogLimit, a.LogWords);
            var kinds = machine.LogKinds.In(before).Slice(actor * shape.LogLimit, a.LogWords);
            for (var i = 0; i < given.Length; i++)
            {
                machine.Log[((long)to * shape.LogLimit) + i] = Value(given[i], kinds[i]);
                machine.LogKinds[((long)to * shape.LogLimit) + i] = kinds[i];
            }
        }
    }

    private void Locks()
    {
        var owners = machine.Locks.Owners.In(before);
        for (var i = 0; i < owners.Length; i++)
        {
            machine.Locks.Owners[PerVcpu(i, LockTable.Kinds)] = owners[i] == 0 ? 0 : Actor(owners[i] - 1) + 1;
        }

        PerVcpu(machine.Eventfds.Counters, 2);
        PerVcpu(machine.Eventfds.Signalled, 2);
        machine.Work.Rename(argument => Value(argument, machine.WorkKind));
    }

    private void Apf()
    {
        var items = machine.Apf.Items.In(before);
        for (var slot = 0; slot < items.Length; slot++)
        {
            var item = items[slot];
            StateTable<ApfItem>.Rename(ref item, this);
            machine.Apf.Items[Slot(slot)] = item;
        }

        Slots(machine.Apf.Queue, slots);
        Slots(machine.Apf.DoneRing, machine.Apf.DonePerVcpu);
    }

    private void Slots(Section<int> section, int perVcpu)
    {
        var old = section.In(before);
        for (var i = 0; i < old.Length; i++)
        {
            section[PerVcpu(i, perVcpu)] = Slot(old[i]);
        }
    }

    private void Memory()
    {
        var content = machine.Memory.Content.In(before);
        var stage2 = machine.Memory.Stage2.In(before);
        for (var frame = 0; frame < content.Length; frame++)
        {
            machine.Memory.Content[frames[frame]] = content[frame];
            machine.Memory.Stage2[frames[frame]] = stage2[frame];
        }

        var tlb = machine.Memory.Tlb.In(before);
        machine.Memory.Tlb.Span(0, tlb.Length).Clear();
        foreach (var (i, entry) in System.Linq.Enumerable.Index(tlb.ToArray()))
        {
            if (entry != 0)
            {
                const ulong Writable = 1UL << 63;
                var frame = Frame((entry & ~Writable) - 1);
                machine.Memory.Tlb[(vcpus[i / shape.TlbEntries] * shape.TlbEntries) + (long)(frame % (ulong)shape.TlbEntries)] = (frame + 1) | (entry & Writable);
            }
        }
    }

    private void Book()
    {
        var byGfn = machine.Book.ByGfn.In(before);
        for (var frame = 0; frame < byGfn.Length; frame++)
        {
            machine.Book.ByGfn[frames[frame]] = byGfn[frame] > 0 ? Fetch(byGfn[frame] - 1) + 1 : byGfn[frame];
        }

        var fetches = machine.Book.Fetches.In(before);
        for (var i = 0; i < shape.Gfns; i++)
        {
            var fetch = fetches[i];
            StateTable<FetchState>.Rename(ref fetch, this);
            machine.Book.Fetches[Fetch(i)] = fetch;
        }

        var waiters = machine.Book.Waiters.In(before);
        for (var i = 0; i < waiters.Length; i++)
        {
            var waiter = waiters[i];
            if (waiter.Vcpu >= 0)
            {
                StateTable<WaiterState>.Rename(ref waiter, this);
                machine.Book.Waiters[i] = waiter;
            }
        }

        for (var i = 0; i < machine.Vm.CompletedCount; i++)
        {
            machine.Book.Completed[i] = Fetch(machine.Book.Completed[i]);
        }

        machine.Book.Normalise();
    }

    private void Regions()
    {
        foreach (var region in machine.Regions)
        {
            switch (region.Spec.Scope)
            {
                case RegionScope.PerGfn:
                    region.RenameFrames(frames, before);
                    break;
                default:
                    region.Rename(before, i => WordOf(region, i), Value);
                    break;
            }
        }
    }

    /// <summary>Where a word of a region is under the new names.</summary>
    public int WordOf(RegionStore region, int index) => region.Spec.Scope switch
    {
        RegionScope.PerGfn => region.Spec.WordBits == region.Spec.Count ? frames[index] : index,
        RegionScope.PerVm => index,
        RegionScope.PerVcpu => PerVcpu(index, region.Spec.Count),
        _ => (Slot(index / region.Spec.Count) * region.Spec.Count) + (index % region.Spec.Count),
    };

    private void PerVcpu<T>(Section<T> section, int perVcpu) where T : unmanaged
    {
        var old = section.In(before);
        for (var i = 0; i < old.Length; i++)
        {
            section[PerVcpu(i, perVcpu)] = old[i];
        }
    }

    public ulong Value(ulong value, RecordKind kind)
    {
        if (kind.IsPacked)
        {
            return machine.Regions[kind.Region].RenameWord(value, frames);
        }

        return kind == RecordKind.Gfn ? Frame(value)
            : kind == RecordKind.GfnPlusOne ? (value == 0 ? 0 : Frame(value - 1) + 1)
            : kind == RecordKind.Gpa ? Frame(value / Abstractions.Gfn.PageSize) * Abstractions.Gfn.PageSize
            : kind == RecordKind.Token ? Token((uint)value)
            : kind == RecordKind.Vcpu ? (ulong)vcpus[(int)value]
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
        Names.Vcpu => (ulong)vcpus[(int)value],
        Names.Actor => (ulong)Actor((int)value),
        Names.ExitExtra => Value(value, machine.ExtraKind),
        Names.WaiterCookie => Value(value, machine.CookieKind),
        Names.GfnOrWork => Value(value, work),
        Names.FetchOrEventfd => (ulong)(isAtEventfd ? PerVcpu((int)value, 2) : Fetch((int)value)),
        Names.WhatBlocks => (ulong)(blocked switch
        {
            BlockReason.WaitFetch or BlockReason.LookupSleep => Fetch((int)value),
            BlockReason.Lock => PerVcpu((int)value, LockTable.Kinds),
            BlockReason.None or BlockReason.WorkerFlush => (int)value,
            _ => Actor((int)value),
        }),
        _ => throw new InvalidOperationException($"a field that names {names} cannot be renamed"),
    };

    public ulong Frame(ulong frame) => frame < (ulong)frames.Length ? (ulong)frames[frame] : frame;

    private long FrameSet(long set)
    {
        long renamed = 0;
        for (var frame = 0; frame < frames.Length; frame++)
        {
            renamed |= (set >> frame & 1) << frames[frame];
        }

        return renamed;
    }

    private int Fetch(int fetch) => (uint)fetch < (uint)frames.Length ? frames[fetch] : fetch;

    private uint Token(uint token) => token is 0 or uint.MaxValue ? token : (token & ~0xFFFU) | (uint)vcpus[token & 0xFFF];

    private int Slot(int slot) => slot < 0 ? slot : (vcpus[slot / slots] * slots) + (slot % slots);

    private int PerVcpu(int number, int perVcpu) => (vcpus[number / perVcpu] * perVcpu) + (number % perVcpu);

    private int Task(int task) => task < 0 ? task : (vcpus[task / shape.TasksPerVcpu] * shape.TasksPerVcpu) + (task % shape.TasksPerVcpu);

    public int Actor(int actor) => (uint)actor < (uint)shape.Vcpus ? vcpus[actor] : actor;

    private static bool HoldsAllFramesOrOne(RegionStore region, long gfns)
    {
        var perWord = region.Spec.WordBits / region.Spec.Count;
        return region.Spec.Scope != RegionScope.PerGfn || perWord == 1 || perWord >= gfns;
    }
}
