using System.Reflection;
using UapiLab.Abstractions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed class HalfShapeTests
{
    public static IEnumerable<TheoryDataRow<string>> All => BuiltIns.FullNames;

    /// <summary>Sealed, read-only, nothing static, and no reference through which state could be shared.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Halves_can_hold_nothing_but_options(string name)
    {
        Encoding encoding = BuiltIns.Named(name);
        AssertStateless(encoding.KvmHalf<FakeSide>().GetType());
        AssertStateless(encoding.VmmHalf<FakeSide>().GetType());
    }

    private static void AssertStateless(Type half)
    {
        Assert.True(half.IsSealed, $"{half.Name} is not sealed");
        const BindingFlags Any =
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (FieldInfo field in half.GetFields(Any).Where(field => !field.IsLiteral))
        {
            Assert.True(field.IsInitOnly && !field.IsStatic, $"{half.Name}.{field.Name} can change");
            Assert.True(HoldsOnlyValues(field.FieldType),
                $"{half.Name}.{field.Name} may refer to something that can change");
        }
    }

    private static bool HoldsOnlyValues(Type type) =>
        type.IsPrimitive || type.IsEnum || (type.IsValueType && type
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .All(field => field.IsInitOnly && HoldsOnlyValues(field.FieldType)));
}
