using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class WordsTests
{
    [Fact]
    public void Every_step_of_the_machine_has_words()
    {
        Assert.All(Enum.GetValues<VcpuStep>(), step => Assert.NotEqual("", StepWords.Of(step).Text));
        Assert.All(Enum.GetValues<ServiceStep>(), step => Assert.NotEqual("", StepWords.Of(step, "somebody").Text));
    }

    [Fact]
    public void Every_event_has_words() =>
        Assert.All(Enum.GetValues<MachineEventKind>(),
            kind => Assert.NotEqual("", MachineEvents.Describe(new(kind, 0, 0, 0), 0)));

    [Fact]
    public void A_frame_is_told_as_its_gfn() => Assert.Equal("kvm_page_fault gfn 4294967296 task 1",
        MachineEvents.Describe(new(MachineEventKind.KvmPageFault, 0, 1, 1), uint.MaxValue));

    [Theory]
    [InlineData(MachineEventKind.KvmEntry, 1, 2, "kvm_entry")]
    [InlineData(MachineEventKind.KvmAsyncPfNotPresent, 1, 0x1000, "kvm_async_pf_not_present gfn 1 token 0x1000")]
    [InlineData(MachineEventKind.KvmAsyncPfReady, ulong.MaxValue, uint.MaxValue, "kvm_async_pf_ready token ~0")]
    [InlineData(MachineEventKind.KvmUserspaceExit, 3, 0x10, "kvm_userspace_exit gfn 3 flags 0x10")]
    [InlineData(MachineEventKind.KvmPageFault, 3, 1, "kvm_page_fault gfn 3 task 1")]
    [InlineData(MachineEventKind.MemslotChanged, 0, 1, "memslot userfault on")]
    [InlineData(MachineEventKind.Violation, 0, (ulong)ViolationKind.ReadUnpopulated,
        "VIOLATION: ReadUnpopulated gfn 0")]
    public void Events_name_what_they_are_about(object kind, ulong gfn, ulong value, string expected) =>
        Assert.Equal(expected, MachineEvents.Describe(new((MachineEventKind)kind, 0, gfn, value), 0));
}
