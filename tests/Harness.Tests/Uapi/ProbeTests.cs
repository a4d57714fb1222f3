using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>The rules that try the KVM half: a description may promise what the code does not do.</summary>
public sealed class ProbeTests
{
    [Fact]
    public void A_half_that_does_what_is_declared_breaks_no_rule() =>
        Assert.Empty(UapiLint.Check(new SampleEncoding(Carelessness.None)));

    [Theory]
    [InlineData(Carelessness.AnyIoctl, "unknown-ioctl", "ioctl 0xff")]
    [InlineData(Carelessness.Flags, "reserved-not-refused", "kvm_sample.flags")]
    [InlineData(Carelessness.HighReserved, "reserved-not-refused", "kvm_sample.reserved")]
    [InlineData(Carelessness.OperationZero, "operation-not-refused", "KVM_SAMPLE")]
    [InlineData(Carelessness.RefusesEverything, "reserved-not-refused", "kvm_sample.flags")]
    public void A_careless_half_is_found_out(Carelessness carelessness, string rule, string place)
    {
        Finding found = Assert.Single(UapiLint.Check(new SampleEncoding(carelessness)),
            finding => finding.Place == place);

        Assert.Equal(rule, found.Rule);
    }

    /// <summary>What a KVM half forgets to check.</summary>
    public enum Carelessness
    {
        None,
        AnyIoctl,
        Flags,
        HighReserved,
        OperationZero,

        /// <summary>A half that always says EINVAL checks nothing either.</summary>
        RefusesEverything,
    }

    private sealed class SampleEncoding(Carelessness carelessness) : Encoding
    {
        public override EncodingDescription Description => Samples.Clean.Description;

        public override IReadOnlyList<RegionSpec> Regions => Samples.Clean.Regions;

        public override IKvmHalf<TKvm> KvmHalf<TKvm>() => new Half<TKvm>(carelessness);

        public override IVmmHalf<TVmm> VmmHalf<TVmm>() => throw new NotSupportedException("no VMM half is tried");
    }

    private sealed class Half<TKvm>(Carelessness carelessness) : IKvmHalf<TKvm>
        where TKvm : struct, IKvm
    {
        public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;

        public long OnIoctl(TKvm kvm, IoctlCall call)
        {
            if (call.Number != Samples.Ioctl.Number && carelessness != Carelessness.AnyIoctl)
            {
                return Errno.Invalid.Negated();
            }

            (ulong _, ulong opAndFlags, ulong reserved0, ulong reserved1) = call.Argument;
            ulong op = opAndFlags & uint.MaxValue;
            ulong flags = carelessness == Carelessness.Flags ? 0 : opAndFlags >> 32;
            reserved1 = carelessness == Carelessness.HighReserved ? reserved1 & uint.MaxValue : reserved1;
            bool known = op == 1 || (op == 0 && carelessness == Carelessness.OperationZero);
            return carelessness != Carelessness.RefusesEverything && known && flags == 0 && reserved0 == 0
                && reserved1 == 0
                ? Errno.NoEntry.Negated()
                : Errno.Invalid.Negated();
        }
    }
}
