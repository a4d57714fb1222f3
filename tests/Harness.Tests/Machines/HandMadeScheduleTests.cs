using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Tests.Machines.Broken;
using UapiLab.TestKit.Broken;
using UapiLab.TestKit.Fakes;
using Xunit;
using static UapiLab.Harness.Tests.Machines.Broken.HandMachine;
using TaskStatus = UapiLab.Harness.Machines.TaskStatus;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Seeded defects that a simulation does not meet: one schedule each in which the bad thing happens, and in
/// which nothing happens to the control. Who relies on the list can rely on these.</summary>
public sealed class HandMadeScheduleTests
{
    private const int LowerPlane = 0, UpperPlane = 1;

    /// <summary>The fetch starts while the second vCPU has read one of the two planes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_old_lower_bit_and_a_new_upper_one_look_present(bool broken)
    {
        var family = broken ? BrokenEncodings.ReadsLowerFirst : BrokenEncodings.PlanesControl;
        using var hand = new HandMachine(family.With(), RuleSet.None, vcpus: 2, [Touch(0)], [Touch(0)]);
        hand.Until(0, VcpuStep.VmmFetchStarted);
        hand.Until(1, VcpuStep.FaultCheck);
        hand.Run(1, steps: 1); // the first of the planes
        hand.Until(0, () => Bit(hand, UpperPlane) == 0);
        Assert.Equal(1UL, Bit(hand, LowerPlane));
        hand.Run(1); // the other, before anything was placed
        Assert.Equal(broken, hand.Violations.Contains(ViolationKind.ReadUnpopulated));
        hand.RunAll();
        Assert.True(hand.HasEnded);
    }

    /// <summary>The second vCPU faults between the two writes of the fetch's start.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Between_two_fault_states_the_frame_looks_present(bool broken)
    {
        var family = broken ? BrokenEncodings.ClearsBeforeSet : BrokenEncodings.PlanesControl;
        using var hand = new HandMachine(family.With(), RuleSet.None, vcpus: 2, [Touch(0)], [Touch(0)]);
        hand.Until(0, VcpuStep.VmmFetchStarted);
        hand.Until(0, () => Bit(hand, LowerPlane) == 1 || Bit(hand, UpperPlane) == 0); // the first write
        Assert.Equal(broken ? 0UL : 3, Bit(hand, LowerPlane) + (2 * Bit(hand, UpperPlane)));
        hand.Run(1);
        Assert.Equal(broken, hand.Violations.Contains(ViolationKind.ReadUnpopulated));
        hand.RunAll();
        Assert.True(hand.HasEnded);
    }

    /// <summary>READY comes between the VMM's answer and KVM_RUN: it finds no APF, and nobody repeats it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_ready_before_the_reentry_is_lost_without_a_second_look(bool broken)
    {
        var family = broken ? BrokenEncodings.NoSecondLook : BrokenEncodings.AtReentryControl;
        using var hand = new HandMachine(family.With(), RuleSet.None, vcpus: 1, [Touch(0)]);
        hand.Until(0, VcpuStep.VmmExit);
        hand.Until(0, VcpuStep.RunEntry);
        hand.Run(hand.Io); // places the page, clears the bit, READY: ENOENT
        Assert.True(hand.Machine.Memory.HasContent(0));
        hand.RunAll();
        Assert.Equal(!broken, hand.HasEnded);
        Assert.Equal(broken ? TaskStatus.Sleeping : TaskStatus.Done, hand.Machine.Tasks[0].Status);
    }

    /// <summary>The second fault comes after the consumer's last look at the ring, and before it arms.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fault_before_the_arming_is_lost_without_a_look_after_it(bool broken)
    {
        var family = broken ? BrokenEncodings.NoRecheck : BrokenEncodings.RingControl;
        var lost = new List<int>();
        for (var pause = 0; pause < 40; pause++)
        {
            using var hand = new HandMachine(family.With(), RuleSet.None, vcpus: 1, [Touch(0)], [Touch(1)]);
            hand.Until(0, () => hand.Machine.Eventfds.Signalled[0] != 0); // the first fault is in the ring
            hand.Run(hand.Io, pause);
            hand.Run(0); // the second one, and both tasks sleep
            hand.RunAll();
            Assert.Empty(hand.Violations);
            if (!hand.HasEnded)
            {
                lost.Add(pause);
                Assert.Equal(TaskStatus.Sleeping, hand.Machine.Tasks[1].Status);
                Assert.False(hand.Machine.Memory.HasContent(1)); // nobody ever heard of this fault
            }
        }

        if (broken)
        {
            Assert.Single(lost); // one micro-step wide, hence no chance in a simulation
        }
        else
        {
            Assert.Empty(lost);
        }
    }

    /// <summary>A signal takes the #PF with it: the guest faults again, halts, and gets a ready for what it never
    /// saw.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_signal_before_the_entry_must_not_take_the_exception_with_it(bool broken)
    {
        using var hand = new HandMachine(BrokenEncodings.Control.With(), broken ? Rules.A15KeepPending
            : RuleSet.None, vcpus: 1, [Touch(0)]);
        hand.SendsSignal = () => hand.Machine.Vcpus[0].PfPending;
        hand.Until(0, () => hand.Machine.Vcpus[0].Exit == RunExit.Signal
            && hand.Machine.StepOf(0) == VcpuStep.RunReturn);
        Assert.Equal(!broken, hand.Machine.Vcpus[0].PfPending);
        hand.SendsSignal = () => false;
        hand.RunAll();
        Assert.True(hand.HasEnded);
        Assert.Equal(broken ? 1 : 0, hand.Machine.Guest.UnclaimedWakes(0));
    }

    /// <summary>The guest disables APF while a frame is away, and KVM keeps the APF of it: the next fault in the frame
    /// halts the vCPU for a READY that is answered with ENOENT.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cleared_queue_must_be_empty(bool broken)
    {
        GuestStep disable = new(0, 1, GuestStepFlags.DisableApf | GuestStepFlags.NoAccess);
        using var hand = new HandMachine(BrokenEncodings.AtFaultControl.With(), broken ? Rules.A14Clear
            : RuleSet.None, vcpus: 1, [Touch(0)], [disable]);
        hand.Until(0, VcpuStep.QueueCleared);
        hand.Run(0);
        hand.RunAll();
        Assert.Equal(!broken, hand.HasEnded);
    }

    private static ulong Bit(HandMachine hand, int plane) => hand.Machine.ReadRegion(plane, 0) & 1;
}
