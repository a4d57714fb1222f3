using System.Reflection;
using System.Runtime.CompilerServices;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The fields of a machine's state by name, so that a history can show what a step changed. Fields of structures are
/// found once by reflection: they have no padding (StateLayoutTests), so each begins where the one before ends.</summary>
internal sealed class StateFields
{
    /// <summary>Registers of the bookkeeping, which say nothing to a reader.</summary>
    private static readonly HashSet<string> s_dull =
    [
        "SliceLeftNs", "ChunkNs", "LastFault", "FaultsInARow", "TokenCounter", "NextFree", "Next", "LogWords", "Slept", "ApfSwitches", "WokenByApf",
        "Resume", "HasStep", "NextIndex", "SequenceSnapshot", "PfMarks", "Marks", "RearmNext", "PrefetchIndex", "InOperation", "BlockedOn", "Predicted",
        "FirstWaiter", "LastWaiter", "FreeFetch", "FreeWaiter", "LockWaiters", "DoneHead", "CompletedHead", "WorkHead", "Prefault", "Disposition", "Wanted",
    ];

    private readonly List<Field> fields = [];

    public StateFields(Machine machine)
    {
        var shape = machine.Shape;
        Structs(machine.Vcpus, i => $"vcpu{i}");
        Structs(machine.Tasks, i => $"task{i}");
        Structs(machine.Actors, i => MachineLanes.ShortName(machine, i));
        Structs(machine.Apf.Items, i => $"apf{i}");
        Structs(machine.Book.Fetches, i => $"fetch(gfn {i})", (int)Math.Min(shape.Gfns, machine.Book.Fetches.Count));
        Words(machine.Memory.Content, 1, i => $"content[gfn {i}]");
        Words(machine.Memory.Stage2, 1, i => $"stage2[gfn {i}]");
        Words(machine.Locks.Owners, sizeof(int), i => $"lock {(i % LockTable.Kinds == 2 ? "mutex" : ((KvmLock)(i % LockTable.Kinds)).ToString())} of vcpu{i / LockTable.Kinds}, owner + 1");
        Words(machine.Guest.Dummies, sizeof(uint), i => $"early wake {i}");
        foreach (var region in machine.Regions)
        {
            var (offset, size) = region.Place;
            for (var i = 0; i < (int)region.Words; i++)
            {
                fields.Add(new($"{region.Name}[{i}]", (int)offset + (i * size), size, null));
            }
        }
    }

    /// <summary>What differs between two states.</summary>
    public IReadOnlyList<FieldChange> Changes(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var changes = new List<FieldChange>();
        foreach (var field in fields)
        {
            if (!before.Slice(field.Offset, field.Size).SequenceEqual(after.Slice(field.Offset, field.Size)))
            {
                changes.Add(new(field.Name, field.Text(before), field.Text(after)));
            }
        }

        return changes;
    }

    private void Structs<T>(Section<T> section, Func<int, string> name, int count = -1)
        where T : unmanaged
    {
        var at = 0;
        var layout = new List<(FieldInfo Field, int Offset, int Size)>();
        foreach (var field in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            var size = SizeOf(field.FieldType);
            layout.Add((field, at, size));
            at += size;
        }

        for (var i = 0; i < (count < 0 ? section.Count : count); i++)
        {
            foreach (var (field, offset, size) in layout)
            {
                if (!s_dull.Contains(field.Name) && !field.Name.StartsWith("Unused", StringComparison.Ordinal))
                {
                    fields.Add(new($"{name(i)}.{field.Name}", (int)section.Offset + (i * at) + offset, size, field.FieldType));
                }
            }
        }
    }

    private void Words<T>(Section<T> section, int size, Func<int, string> name)
        where T : unmanaged
    {
        for (var i = 0; i < section.Count; i++)
        {
            fields.Add(new(name(i), (int)section.Offset + (i * size), size, null));
        }
    }

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private sealed record Field(string Name, int Offset, int Size, Type? Type)
    {
        public string Text(ReadOnlySpan<byte> state)
        {
            ulong value = 0;
            for (var i = Size - 1; i >= 0; i--)
            {
                value = value << 8 | state[Offset + i];
            }

            if (Type is { IsEnum: true })
            {
                return Enum.ToObject(Type, value).ToString()!;
            }

            return Type == typeof(bool) ? (value != 0 ? "yes" : "no")
                : Type == typeof(int) ? ((int)value).ToString(System.Globalization.CultureInfo.InvariantCulture)
                : value == ulong.MaxValue ? "-"
                : value < 10 ? value.ToString(System.Globalization.CultureInfo.InvariantCulture)
                : "0x" + value.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
