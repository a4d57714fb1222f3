using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace UapiLab.Harness.Machines.Reduction;

/// <summary>What a field of the state names: how it is renamed (<see cref="Renaming"/>), what it reads while it is
/// dead, and
/// how a history writes it.</summary>
internal enum Names : byte
{
    /// <summary>A number, a flag or an enumeration.</summary>
    Nothing,
    /// <summary>A word that is read bit by bit.</summary>
    Bits,
    Gfn, GfnSet, Token, Task, TaskPlusOne, Slot, Fetch, Vcpu, Actor, Waiter,
    /// <summary>A word of the encoding, whose description says what it stands for.</summary>
    ExitExtra, WaiterCookie,
    /// <summary>Of an <see cref="ActorState"/>; which of the two depends on its step.</summary>
    GfnOrWork, FetchOrEventfd,
    /// <summary>Of an <see cref="ActorState"/>; depends on its <see cref="BlockReason"/>.</summary>
    WhatBlocks,
}

/// <summary>When a field of a structure without conditions of its own is read again before it is written.</summary>
[Flags]
internal enum Live { Never = 0, Always = 1 }

/// <summary>All that is said of a field of the machine's state. A field without it, and without <see
/// cref="FillerAttribute"/>,
/// fails every machine that is built.</summary>
/// <param name="names">What it names.</param>
/// <param name="live">Conditions, of the enumeration that belongs to the structure, of which one must hold for the
/// field to
/// matter. Otherwise <see cref="Normalisation"/> clears it.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class FieldAttribute(Names names, object live) : Attribute
{
    public Names Names => names;

    public int Live { get; } = Convert.ToInt32(live, CultureInfo.InvariantCulture);

    /// <summary>A history does not show it: the text of the step says it, or it is bookkeeping (links, heads of rings,
    /// counts of what is
    /// shown anyway, measures of a simulation).</summary>
    public bool IsHidden { get; init; }
}

/// <summary>Bytes without a meaning, so that a structure has no padding: states are compared byte by byte, and what a
/// copy leaves
/// in padding is undefined.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class FillerAttribute : Attribute;

/// <summary>A field of a structure of the state.</summary>
internal readonly record struct StateColumn(
    string Name, int Offset, int Size, Type Type, Names Names, int Live, bool IsHidden);

/// <summary>The fields of a structure of the state, and what follows from their declarations.</summary>
internal static class StateTable<T> where T : unmanaged
{
    private static readonly StateColumn[] s_columns = Read();
    private static readonly StateColumn[] s_named =
        [.. s_columns.Where(c => c.Names is not (Names.Nothing or Names.Bits or Names.Waiter))];

    /// <summary>Those that change where only vCPUs, and where only frames, get other names.</summary>
    private static readonly StateColumn[] s_namedByVcpus =
        [.. s_named.Where(c => c.Names is not (Names.Gfn or Names.GfnSet or Names.Fetch))];
    private static readonly StateColumn[] s_namedByFrames = [.. s_named.Where(c => c.Names
        is not (Names.Token or Names.Task or Names.TaskPlusOne or Names.Slot or Names.Vcpu or Names.Actor))];

    private static readonly int s_conditions = s_columns.Aggregate(0, (all, c) => all | c.Live);
    private static readonly ulong[] s_dead = Words(c => IsIndex(c.Names));

    /// <summary>For each set of conditions that hold: the bits of the live fields, then what the others read.</summary>
    private static readonly ulong[]?[] s_masks = new ulong[]?[s_conditions + 1];

    /// <summary>The fields, in order and without gaps.</summary>
    public static IReadOnlyList<StateColumn> Columns => s_columns;

    /// <summary>The structure with every field dead.</summary>
    public static T Dead { get; } = MemoryMarshal.Cast<ulong, T>(s_dead)[0];

    /// <summary>Clears every field of which no condition holds.</summary>
    public static void Clear(ref T state, int holds)
    {
        holds &= s_conditions;
        var masks = s_masks[holds] ?? Masks(holds);
        var words = MemoryMarshal.Cast<T, ulong>(new Span<T>(ref state));
        var live = masks.AsSpan(0, words.Length);
        var dead = masks.AsSpan(words.Length, words.Length);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (words[i] & live[i]) | dead[i];
        }
    }

    /// <summary>Gives what the fields name other names.</summary>
    public static void Rename(ref T state, Renaming renaming)
    {
        ref var start = ref Unsafe.As<T, byte>(ref state);
        var columns = !renaming.NamesFrames ? s_namedByVcpus : !renaming.NamesVcpus ? s_namedByFrames : s_named;
        foreach (ref readonly var column in columns.AsSpan())
        {
            ref var place = ref Unsafe.Add(ref start, column.Offset);
            if (column.Size == sizeof(ulong))
            {
                ref var word = ref Unsafe.As<byte, ulong>(ref place);
                word = renaming.Of(column.Names, word);
            }
            else
            {
                ref var word = ref Unsafe.As<byte, uint>(ref place);
                word = (uint)renaming.Of(column.Names, word);
            }
        }
    }

    /// <summary>Positions, of which -1 is none, and frames, of which <see cref="Normalisation.NoFrame"/> is
    /// none.</summary>
    private static bool IsIndex(Names names) => names is Names.Gfn or Names.GfnOrWork or Names.Task or Names.Slot
        or Names.Fetch or Names.FetchOrEventfd or Names.Vcpu or Names.Actor or Names.Waiter;

    private static ulong[] Masks(int holds)
    {
        var live = Words(c => (c.Live & holds) != 0);
        return s_masks[holds] = [.. live, .. s_dead.Zip(live, (dead, bits) => dead & ~bits)];
    }

    /// <summary>The structure with all bits of some fields set.</summary>
    private static ulong[] Words(Func<StateColumn, bool> isSet)
    {
        var words = new ulong[Unsafe.SizeOf<T>() / sizeof(ulong)];
        var bytes = MemoryMarshal.AsBytes(words.AsSpan());
        foreach (var column in s_columns.Where(isSet))
        {
            bytes.Slice(column.Offset, column.Size).Fill(byte.MaxValue);
        }

        return words;
    }

    private static StateColumn[] Read()
    {
        var columns = new List<StateColumn>();
        var end = 0;
        foreach (var field in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var size = SizeOf(field.FieldType);
            if (end % size != 0)
            {
                throw Wrong($"{size - (end % size)} bytes of [Filler] are missing before {field.Name}");
            }

            var said = field.GetCustomAttribute<FieldAttribute>();
            if (said is null && !field.IsDefined(typeof(FillerAttribute)))
            {
                throw Wrong($"{field.Name} does not say what it names and when it is live ([Field])");
            }

            if (said is { Names: not (Names.Nothing or Names.Bits) } && size is not (sizeof(ulong) or sizeof(uint)))
            {
                throw Wrong($"{field.Name} is too small to name anything");
            }

            columns.Add(new(
                field.Name, end, size, field.FieldType,
                said?.Names ?? Names.Nothing, said?.Live ?? 0, said?.IsHidden ?? true));
            end += size;
        }

        var missing = ((end + sizeof(ulong) - 1) / sizeof(ulong) * sizeof(ulong)) - end;
        return missing == 0 && end == Unsafe.SizeOf<T>()
            ? [.. columns]
            : throw Wrong($"{missing} bytes of [Filler] are missing at the end");
    }

    private static InvalidOperationException Wrong(string what) => new($"{typeof(T).Name}: {what}");

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
