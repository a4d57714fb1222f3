using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Tests.Registry;

public sealed class HalfInspectorTests
{
    [Fact]
    public void Every_variant_of_every_built_in_passes()
    {
        var registry = new EncodingRegistry(BuiltInEncodings.All);

        foreach (var variant in registry.Families.SelectMany(registry.EveryVariant))
        {
            HalfInspector.Check(variant);
        }
    }

    [Theory]
    [InlineData(typeof(GoodKvmHalf<>))]
    [InlineData(typeof(LambdaKvmHalf<>))]
    public void Readonly_fields_of_immutable_kinds_are_fine(Type half) =>
        HalfInspector.Check(new HalvesUnderTest(half));

    [Theory]
    [InlineData(typeof(CounterKvmHalf<>),
        "CounterKvmHalf<MachineWorld>._count is a mutable field, expected readonly ones only")]
    [InlineData(typeof(PropertyKvmHalf<>),
        "PropertyKvmHalf<MachineWorld>.Last is a mutable field, expected readonly ones only")]
    [InlineData(typeof(CapturingKvmHalf<>),
        "CapturingKvmHalf<MachineWorld>.limit is a captured constructor parameter, expected it to be copied to a "
        + "readonly field")]
    [InlineData(typeof(StaticKvmHalf<>),
        "StaticKvmHalf<MachineWorld>.s_faults is a mutable static field, expected none")]
    [InlineData(typeof(ReadonlyListKvmHalf<>),
        "ReadonlyListKvmHalf<MachineWorld>._seen is of type List<UInt64>, expected a number, an enum, a string or a "
        + "sealed type of readonly fields")]
    [InlineData(typeof(ReadonlyArrayKvmHalf<>),
        "ReadonlyArrayKvmHalf<MachineWorld>.s_table is of type UInt64[], expected a number, an enum, a string or a "
        + "sealed type of readonly fields")]
    [InlineData(typeof(PointerKvmHalf<>),
        "PointerKvmHalf<MachineWorld>._address is of type IntPtr, expected a number, an enum, a string or a sealed "
        + "type of readonly fields")]
    [InlineData(typeof(InheritingKvmHalf<>),
        "StatefulBase<MachineWorld>._depth is a mutable field, expected readonly ones only")]
    [InlineData(typeof(NestingKvmHalf<>), "NestingKvmHalf.Cache<TKvm>.s_hits is a mutable static field, expected none")]
    [InlineData(typeof(BoxKvmHalf<>),
        "BoxKvmHalf<MachineWorld>._box is of type Box, expected a number, an enum, a string or a sealed type of "
        + "readonly fields")]
    [InlineData(typeof(DelegateKvmHalf<>),
        "DelegateKvmHalf<MachineWorld>._next is of type Func<UInt64>, expected a number, an enum, a string or a sealed "
        + "type of readonly fields")]
    [InlineData(typeof(OpenKvmHalf<>), "OpenKvmHalf<MachineWorld> is not sealed, expected halves to be")]
    public void State_of_its_own_is_rejected_with_type_and_field(Type half, string message) =>
        Assert.Equal(
            "under-test: " + message,
            Assert.Throws<InputException>(() => HalfInspector.Check(new HalvesUnderTest(half))).Message);

    [Fact]
    public void One_type_cannot_be_both_halves() =>
        Assert.Equal(
            "under-test: BothHalves is both halves, expected one type for each",
            Assert.Throws<InputException>(() => HalfInspector.Check(new HalvesUnderTest(typeof(BothHalves)))).Message);
}
