using System.Runtime.CompilerServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>The fields of a machine's state by name, so that a history can show what a step changed. Every byte of the
/// state belongs to one, shown or not: a test fails for a section that is not listed here.</summary>
internal sealed class StateFields
{
    private static readonly Func<ulong, string> s_hex = ValueText.Hex;

    private readonly Func<int, string> _actorName;
    private readonly List<StateField> _fields = [];

    public StateFields(Machine machine)
    {
        var vcpus = machine.Config.Vcpus;
        string Actor(int actor) => actor < vcpus ? $"vcpu{actor}" : MachineLanes.ShortName(machine, actor);
        ulong GfnOf(int frame) => machine.GfnOf((ulong)frame).Value;
        _actorName = Actor;
        Add(machine.VmSection, _ => "vm");
        Add(machine.Vcpus, i => $"vcpu{i}");
        Add(machine.Tasks, i => $"task{i}");
        Add(machine.Actors, i => i < vcpus ? $"vcpu{i}.thread" : Actor(i));
        Add(machine.Locks.Owners, LockName, ValueText.IndexPlusOne(Actor));
        Add(machine.Eventfds.Counters, i => $"eventfd{i}.counter");
        Add(machine.Eventfds.Signalled, i => $"eventfd{i}.signalled", ValueText.YesNo);
        Add(machine.Work.Arguments, i => $"work[{i}]");
        Add(machine.Apf.Items, i => $"apf[{i}]");
        Add(machine.Apf.Queue, PerVcpu("queue", machine.Apf.Queue.Count / vcpus),
            ValueText.Index(slot => $"apf[{slot}]"));
        Add(machine.Apf.DoneRing, PerVcpu("done", machine.Apf.DoneRing.Count / vcpus),
            ValueText.Index(slot => $"apf[{slot}]"));
        Add(machine.Memory.Content, i => $"content[gfn {GfnOf(i)}]", ValueText.YesNo);
        Add(machine.Memory.Stage2, i => $"stage2[gfn {GfnOf(i)}]", ValueText.Stage2);
        Add(machine.Memory.Tlb, PerVcpu("tlb", machine.Memory.Tlb.Count / vcpus), ValueText.Tlb);
        Add(machine.FetchTable.ByGfn, i => $"book[gfn {GfnOf(i)}]", ValueText.Book);
        Add(machine.FetchTable.Fetches, i => $"fetch{i}");
        Add(machine.FetchTable.Waiters, i => $"waiter{i}");
        // the fetch's status says it
        Add(machine.FetchTable.Completed, i => $"completed[{i}]", ValueText.Index(fetch => $"fetch{fetch}"),
            isShown: false);
        Add(machine.Guest.Dummies, PerVcpu("early wake", machine.Guest.Dummies.Count / vcpus), s_hex);
        foreach (var region in machine.Regions)
        {
            var (offset, size) = region.Place;
            for (var i = 0; i < (int)region.Words; i++)
            {
                _fields.Add(new($"{region.Name}[{region.First + (ulong)i}]", (int)offset + (i * size), size, s_hex,
                    IsShown: true));
            }
        }

        Add(machine.SharedMemory.Buffers,
            i => $"{Actor(i / SharedMemory.BufferPlaces)}.buffer[{i % SharedMemory.BufferPlaces}]");
        // what is kept of the past only says what may still be read
        Add(machine.SharedMemory.Lags, i => $"lag[{i}]", isShown: false);
        Add(machine.SharedMemory.Past, i => $"past[{i}]", isShown: false);
        Add(machine.SharedMemory.Depths, i => $"depth[{i}]", isShown: false);
        Add(machine.SharedMemory.Stamps, i => $"stamp[{i}]", isShown: false);
        Add(machine.SharedMemory.DecidedOn, i => $"decidedOn[{i}]", isShown: false);
        Add(machine.SharedMemory.Released, i => $"released[{i}]", isShown: false);
        Add(machine.Log, i => $"log[{i}]", isShown: false); // what an operation in progress was given
        Add(machine.LogKinds, i => $"kind[{i}]", isShown: false);
    }

    /// <summary>All of them, also those that are not shown.</summary>
    public IReadOnlyList<StateField> All => _fields;

    /// <summary>What differs between two states, in the order of the fields.</summary>
    public IReadOnlyList<FieldChange> Changes(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var changes = new List<FieldChange>();
        foreach (var field in _fields)
        {
            if (field.IsShown && !before.Slice(field.Offset, field.Size)
                .SequenceEqual(after.Slice(field.Offset, field.Size)))
            {
                changes.Add(new(field.Name, field.In(before), field.In(after)));
            }
        }

        return changes;
    }

    private static string LockName(int number) =>
        $"lock {(number % LockTable.Kinds == (int)LockTable.VcpuMutex
            ? "mutex" : ((KvmLock)(number % LockTable.Kinds)).ToString())} of vcpu{number / LockTable.Kinds}";

    private static Func<int, string> PerVcpu(string name, long count) => i => $"vcpu{i / count}.{name}[{i % count}]";

    /// <summary>How a field is written, by what it names; a field that names nothing, by its type.</summary>
    private Func<ulong, string> Text(in StateColumn column) => column.Names switch
    {
        Names.Bits or Names.Token or Names.ExitExtra or Names.WaiterCookie => s_hex,
        Names.Task => ValueText.Index(task => $"task{task}"),
        Names.TaskPlusOne => ValueText.IndexPlusOne(task => $"task{task}"),
        Names.Fetch or Names.FetchOrEventfd => ValueText.Index(fetch => $"fetch{fetch}"),
        Names.Vcpu => ValueText.Index(vcpu => $"vcpu{vcpu}"),
        Names.Actor => ValueText.Index(_actorName),
        _ => ValueText.Of(column.Type),
    };

    private void Add<T>(Section<T> section, Func<int, string> name, Func<ulong, string>? text = null,
        bool isShown = true)
        where T : unmanaged
    {
        var isStructure = !typeof(T).IsPrimitive && typeof(T) != typeof(RecordKind);
        var size = Unsafe.SizeOf<T>();
        for (var i = 0; i < section.Count; i++)
        {
            var start = (int)section.Offset + (i * size);
            if (!isStructure)
            {
                _fields.Add(new(name(i), start, size, text ?? ValueText.Of(typeof(T)), isShown));
                continue;
            }

            foreach (var column in StateTable<T>.Columns)
            {
                var isColumnShown = isShown && !column.IsHidden;
                _fields.Add(new(
                    $"{name(i)}.{column.Name}", start + column.Offset, column.Size, Text(column), isColumnShown));
            }
        }
    }
}
