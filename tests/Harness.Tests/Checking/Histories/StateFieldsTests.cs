using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using TaskStatus = UapiLab.Harness.Machines.TaskStatus;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class StateFieldsTests
{
    /// <summary>Sections begin at multiples of this.</summary>
    private const int Alignment = 16;

    [Theory]
    [InlineData(MemoryOrdering.Sc)]
    [InlineData(MemoryOrdering.Tso)]
    [InlineData(MemoryOrdering.Weak)]
    public void Every_byte_of_the_state_belongs_to_one_field(MemoryOrdering order)
    {
        foreach (var spec in (string[])["single-bit", "multi-bit:layout=split", "async-hint"])
        {
            using var machine = Machine(spec, order);
            var owner = new string?[machine.StateInPlace.Length];
            foreach (var field in new StateFields(machine).All)
            {
                for (var i = field.Offset; i < field.Offset + field.Size; i++)
                {
                    Assert.True(owner[i] is null, $"byte {i} belongs to {owner[i]} and to {field.Name}");
                    owner[i] = field.Name;
                }
            }

            // What is nobody's is the rest of a block of sixteen after a section's end.
            for (var i = 0; i < owner.Length; i++)
            {
                Assert.True(owner[i] is not null
                    || (i % Alignment != 0 && owner.AsSpan(i, Alignment - (i % Alignment))
                    .IndexOfAnyExcept((string?)null) < 0),
                    $"byte {i} of {spec}, after {owner[Math.Max(0, i - 1)]}, belongs to no field");
            }
        }
    }

    [Fact]
    public void Names_are_different()
    {
        using var machine = Machine("single-bit", MemoryOrdering.Tso);
        var names = new StateFields(machine).All.Select(f => f.Name).ToArray();

        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_change_is_named_and_written_as_a_reader_would()
    {
        using var machine = Machine("single-bit", MemoryOrdering.Sc);
        var before = machine.Save();
        machine.Vcpus[1].PfPending = true;
        machine.Vcpus[0].PfToken = 0x1000;
        machine.Vcpus[0].FaultGfn = 1;
        machine.Vcpus[0].CurrentTask = 0;
        machine.Vcpus[0].Step = VcpuStep.FaultCheck; // not shown: the text of the step says it
        machine.Tasks[1].Status = TaskStatus.Sleeping;
        machine.Actors[machine.DeviceActor - 1].Blocked = BlockReason.None;
        machine.Apf.Item(0).Token = 0x2001;
        machine.Memory.Map(1, writable: true);
        machine.Memory.Content[1] = 1;
        machine.Locks.TryTake(Abstractions.KvmLock.Apf, 0, machine.DeviceActor - 1);
        machine.Locks.TryTake(LockTable.VcpuMutex, 1, 1);
        machine.Regions[0].Write(0, 0);

        var changes = new StateFields(machine).Changes(before, machine.Save()).Select(StepText.Of);

        Assert.Equal(
            [
                "vcpu0.FaultGfn: - -> 1", "vcpu0.PfToken: 0x0 -> 0x1000", "vcpu0.CurrentTask: - -> task0",
                    "vcpu1.PfPending: no -> yes",
                "task1.Status: Runnable -> Sleeping", "io0.Blocked: Idle -> None",
                "lock Apf of vcpu0: - -> io0", "lock mutex of vcpu1: - -> vcpu1", "apf[0].Token: 0xffffffff -> 0x2001",
                "content[gfn 1]: no -> yes", "stage2[gfn 1]: - -> writable", "userfault_bitmap[0]: 0x3 -> 0x0",
            ],
            changes);
    }

    private static Machine Machine(string spec, MemoryOrdering order)
    {
        var instance = new CheckInstance { Order = order };
        return new SteppedMachine(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), instance,
            new ChoiceScript(), new EventMask(MachineProperty.All), null).Machine;
    }
}
