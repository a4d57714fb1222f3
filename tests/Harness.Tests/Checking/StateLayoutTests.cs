using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Reduction;
using TaskStatus = UapiLab.Harness.Machines.TaskStatus;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A state is compared byte for byte, so no byte of it may be padding: what a copy leaves there is undefined.
/// And each field says what it names, when it is live, and whether a history shows it: nothing is assumed.</summary>
public sealed class StateLayoutTests
{
    [Fact]
    public void Every_field_of_the_state_says_what_it_is() => Assert.Multiple(
        IsComplete<VmState>, IsComplete<VcpuState>, IsComplete<TaskState>, IsComplete<ActorState>, IsComplete<ApfItem>,
        IsComplete<FetchState>, IsComplete<WaiterState>, IsComplete<Buffered>, IsComplete<OldValue>);

    [Fact]
    public void A_field_that_does_not_say_what_it_is_is_refused() =>
        Assert.Equal(
            "Undeclared: Forgotten does not say what it names and when it is live ([Field])", Refusal<Undeclared>());

    [Fact]
    public void Padding_is_refused()
    {
        Assert.Equal("PaddedInside: 3 bytes of [Filler] are missing before Number", Refusal<PaddedInside>());
        Assert.Equal("PaddedAtEnd: 4 bytes of [Filler] are missing at the end", Refusal<PaddedAtEnd>());
    }

    /// <summary>A field is cleared exactly if none of its conditions holds; its neighbours are not.</summary>
    [Fact]
    public void Only_dead_fields_are_cleared()
    {
        var full = new TaskState
        {
            ProgramIndex = -1,
            NextIndex = -2,
            ComputeLeftNs = 7,
            Gfn = 3,
            Token = 0x1001,
            HasStep = true,
            ApfSwitches = 9,
            Status = TaskStatus.Sleeping,
        };
        var task = full;
        StateTable<TaskState>.Clear(ref task, (int)(TaskLive.Always | TaskLive.Sleeping));
        var expected = full with { NextIndex = 0, ComputeLeftNs = 0, Gfn = Normalisation.NoFrame, ApfSwitches = 0 };
        Assert.Equal(expected, task);

        task = full;
        StateTable<TaskState>.Clear(ref task, (int)(TaskLive.Always | TaskLive.HasStep));
        Assert.Equal(full with { Token = 0, ApfSwitches = 0 }, task);
        Assert.Equal((Normalisation.NoFrame, -1), (StateTable<ActorState>.Dead.Gfn, StateTable<ActorState>.Dead.Fetch));
    }

    /// <summary>Setting a field changes exactly the bytes that the table says.</summary>
    private static void IsComplete<T>()
        where T : unmanaged
    {
        foreach (var column in StateTable<T>.Columns)
        {
            object boxed = default(T);
            var one = column.Type.IsEnum
                ? Enum.ToObject(column.Type, 1)
                : Convert.ChangeType(1, column.Type, System.Globalization.CultureInfo.InvariantCulture);
            typeof(T).GetField(column.Name)!.SetValue(boxed, one);
            var value = (T)boxed;
            var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value)).ToArray();
            Assert.Equal([column.Offset], Enumerable.Range(0, bytes.Length).Where(i => bytes[i] != 0));
        }

        Assert.Equal(Unsafe.SizeOf<T>(), StateTable<T>.Columns.Sum(c => c.Size));
    }

    private static string Refusal<T>()
        where T : unmanaged =>
        Assert.Throws<TypeInitializationException>(() => StateTable<T>.Columns).InnerException!.Message;

#pragma warning disable CS0649 // only their layout is looked at
    private struct Undeclared
    {
        [Field(Names.Nothing, Live.Always)] public ulong Declared;
        public ulong Forgotten;
    }

    private struct PaddedInside
    {
        [Field(Names.Nothing, Live.Always)] public bool Flag;
        [Field(Names.Nothing, Live.Always)] public int Number;
    }

    private struct PaddedAtEnd
    {
        [Field(Names.Gfn, Live.Always)] public ulong Gfn;
        [Field(Names.Nothing, Live.Always)] public int Number;
    }
#pragma warning restore CS0649
}
