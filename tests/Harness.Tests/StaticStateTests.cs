using System.Reflection;
using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Tests;

public sealed class StaticStateTests
{
    /// <summary>A static field that can change would carry state from one run into the next.</summary>
    [Fact]
    public void Assembly_has_no_reassignable_static_field()
    {
        IEnumerable<string> offenders =
            from type in Assembly.Load("UapiLab.Harness").GetTypes()
            where !IsCompilerGenerated(type)
            from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where !field.IsInitOnly && !field.IsLiteral && !field.IsDefined(typeof(CompilerGeneratedAttribute))
            select $"{type.FullName}.{field.Name}";

        Assert.Empty(offenders);
    }

    private static bool IsCompilerGenerated(Type type) =>
        type.Name.Contains('<', StringComparison.Ordinal)
        || type.IsDefined(typeof(CompilerGeneratedAttribute))
        || (type.DeclaringType is { } outer && IsCompilerGenerated(outer));
}
