using System.Reflection;
using UapiLab.Abstractions;

namespace UapiLab.Testing.Tests.Seeded;

/// <summary>Asks each test of the kit which property it is about.</summary>
internal sealed class KitTests : EncodingConformance
{
    private string _named = "";

    protected override Encoding Encoding => throw new InvalidOperationException("nothing is tried");

    public static IReadOnlyList<(string Property, MethodInfo Test)> All()
    {
        var asked = new KitTests();
        return [.. typeof(EncodingConformance).GetMethods()
            .Where(m => m.IsDefined(typeof(FactAttribute), inherit: false)).Select(test =>
        {
            test.CreateDelegate<Action>(asked)();
            return (asked._named, test);
        })];
    }

    internal override void Check(string property, string test = "") => _named = property;
}
