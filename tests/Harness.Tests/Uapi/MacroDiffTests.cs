using UapiLab.Abstractions;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Diff;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Changes that no comparison of compiled headers can see.</summary>
public sealed class MacroDiffTests
{
    [Fact]
    public void The_same_is_the_same() => Assert.Empty(UapiDiff.Compare(Samples.Clean, Samples.Clean));

    [Fact]
    public void A_number_a_bit_and_a_way_of_switching_on_break_programs()
    {
        Expect(ChangeClass.Break, "KVM_SAMPLE",
            "ioctl is _IOW 0xdc struct kvm_sample instead of _IOW 0xdb struct kvm_sample",
            Samples.Of(ioctl: Samples.Ioctl with { Number = 0xdc }));
        Expect(ChangeClass.Break, "KVM_SAMPLE", "is called on another file descriptor (Vm instead of Vcpu)",
            Samples.Of(ioctl: Samples.Ioctl with { Target = IoctlTarget.Vm }));
        Expect(ChangeClass.Break, "KVM_SAMPLE_READY", "operation is 3 instead of 1",
            Samples.Of(ioctl: Samples.Ioctl with { Operations = [new("KVM_SAMPLE_READY", 3, "x")] }));
        Expect(ChangeClass.Break, Samples.Flag.Name,
            "flag is bit 10 of kvm_run.memory_fault.flags instead of bit 9 of kvm_run.memory_fault.flags",
            Samples.Of(flag: Samples.Flag with { Bit = 10 }));
        Expect(ChangeClass.Break, "KVM_CAP_SAMPLE", "capability is number 301 instead of number 300",
            Samples.Of(capability: Samples.Capability with { Number = 301 }));
        Expect(ChangeClass.Break, "KVM_CAP_SAMPLE", "is switched on by 'vcpu' instead of 'vm'",
            Samples.Of(capability: Samples.Capability with { Enable = "vcpu" }));
    }

    [Fact]
    public void Shared_words_of_another_shape_break_programs() => Expect(
        ChangeClass.Break, "sample_words", "2 bits per frame in words of 64 instead of 1 bit per frame in words of 64",
            Samples.Of(shared: Samples.Shared with { Count = 2 }));

    [Fact]
    public void Another_errno_is_more_than_old_programs_expect() => Expect(
        ChangeClass.Growth, "KVM_SAMPLE", "can now fail with EBUSY",
            Samples.Of(ioctl: Samples.Ioctl with { Errors = [.. Samples.Ioctl.Errors, (Errno.Busy, "x")] }));

    /// <summary>An argument that grows takes its ioctl's number with it: the size is part of it.</summary>
    [Fact]
    public void A_larger_argument_is_another_ioctl()
    {
        UapiModel larger =
            Samples.Of(argument: Samples.Argument(Samples.Gpa, Samples.Op, Samples.Flags, Samples.Reserved,
                new("more", "__u64", 32)));

        UapiChange change = Assert.Single(UapiDiff.Compare(Samples.Clean, larger));

        Assert.Equal((ChangeClass.Growth, "kvm_sample.more"), (change.Class, change.Place));
        Assert.Equal("KVM_SAMPLE gets another number with it, and old programs get -EINVAL", change.Why);
    }

    [Fact]
    public void What_is_not_known_of_linux_is_not_removed_from_it() =>
        Assert.All(UapiDiff.Compare(UapiModel.Upstream, Samples.Clean),
            change => Assert.Contains(change.Class, new[] { ChangeClass.Addition, ChangeClass.Padding }));

    private static void Expect(ChangeClass expected, string place, string text, UapiModel now)
    {
        UapiChange change = Assert.Single(UapiDiff.Compare(Samples.Clean, now));
        Assert.Equal((expected, place, text), (change.Class, change.Place, change.Text));
        Assert.False(change.SeenByAbidiff);
    }
}
