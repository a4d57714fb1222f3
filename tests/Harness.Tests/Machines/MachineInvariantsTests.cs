using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Each invariant is seen to break. That they hold is asserted by every test that drives a machine.</summary>
public sealed class MachineInvariantsTests
{
    private static readonly Dictionary<string, Action<Machine>> s_damages = new()
    {
        { "vCPU 0 has 7 APFs queued, of 3", m => m.Vcpus[0].Queued = 7 },
        { "vCPU 1 has 1 slots in use and 0 queued", m => m.Vcpus[1].Queued = 0 },
        { "vCPU 0 has slot 3 queued", m => m.Apf.Queue[0] = 3 },
        { "vCPU 0 has slot -1 on its done list", m => m.Apf.DoneRing[0] = -1 },
        { "the done list of vCPU 0 begins at -1", m => m.Vcpus[0].DoneHead = -1 },
        { "vCPU 1 runs task 0", m => m.Vcpus[1].CurrentTask = 0 },
        { "vCPU 0 is at a step that does not exist", m => m.Vcpus[0].Step = Enum.GetValues<VcpuStep>().Max() + 1 },
        { "vCPU 0 delivers slot 4", m => (m.Vcpus[0].Step, m.Vcpus[0].ReadySlot) = (VcpuStep.ReadyPresent, 4) },
        { "vCPU 0 owns a fetch and has none", m => (m.Vcpus[0].Step, m.Vcpus[0].Owner) = (VcpuStep.VmmPlace, true) },
        { "vCPU 0 sleeps halted at RunEntry", m => m.Actors[0].Blocked = BlockReason.ApfHalt },
        { "actor 0 waits for lock 0, which is free", m => m.Actors[0].Blocked = BlockReason.Lock },
        { "actor 1 waits for fetch 0, which is closed", m => m.Actors[1].Blocked = BlockReason.WaitFetch },
        { "lock 0 is held by actor 98", m => m.Locks.Owners[0] = 99 },
        { "fetch 1 is of frame 0, whose fetch it is not",
            m => m.FetchTable[1] = new() { Status = FetchStatus.Wanted } },
        { "frame 0 has fetch 98", m => m.FetchTable.ByGfn[0] = 99 },
        { "fetch -1 is to be placed", m => m.Vm.CompletedCount = 1 },
        { "0 eventfds are signalled, and 1 are counted", m => m.Vm.SignalledEventfds = 1 },
        { "-1 vCPUs are live", m => m.Vm.LiveVcpus = -1 },
    };

    public static TheoryData<string> Damages => [.. s_damages.Keys];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_is_found(string what)
    {
        using var machine = Build();
        Assert.Null(MachineInvariants.Broken(machine));
        s_damages[what](machine);
        Assert.Equal(what, MachineInvariants.Broken(machine));
    }

    [Fact]
    public void A_place_for_a_waiter_that_is_on_no_list_is_found()
    {
        using var machine = Build();
        machine.Vm.FreeWaiter = machine.FetchTable.Waiters[machine.Vm.FreeWaiter].Next;
        var places = machine.FetchTable.Waiters.Count;
        Assert.Equal($"{places - 1} places for waiters are on lists, of {places}", MachineInvariants.Broken(machine));
        machine.FetchTable.Waiters[machine.Vm.FreeWaiter].Next = machine.Vm.FreeWaiter; // a circle
        Assert.Contains("places for waiters", MachineInvariants.Broken(machine), StringComparison.Ordinal);
    }

#if DEBUG
    [Fact]
    public void A_state_is_walked_when_it_is_saved_and_now_and_then_between_steps()
    {
        using var machine = Build();
        machine.Vm.LiveVcpus = 3;
        var saved = Assert.ThrowsAny<Exception>(() => machine.Save());
        Assert.Contains("3 vCPUs are live", saved.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() =>
        {
            for (var step = 0; step < 1_000; step++)
            {
                machine.Step(Enumerable.Range(0, machine.ActorCount).First(machine.IsRunnable));
            }
        });
    }

    [Fact]
    public void An_index_outside_of_its_section_is_found()
    {
        using var machine = Build();
        Assert.ThrowsAny<Exception>(() => machine.Vcpus[2].Queued);
        Assert.ThrowsAny<Exception>(() => machine.Tasks[-1].Gfn);
    }
#endif

    private static Machine Build() => new SteppedMachine(
        new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"), new CheckInstance(), new ChoiceScript(),
        new EventMask(MachineProperty.All), null).Machine;
}
