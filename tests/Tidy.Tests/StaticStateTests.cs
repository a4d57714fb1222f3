using System.Reflection;
using System.Runtime.CompilerServices;

namespace UapiLab.Tidy.Tests;

/// <summary>A static field that can change would carry state from one run into the next.</summary>
public sealed class StaticStateTests
{
    [Theory]
    [MemberData(nameof(LayeringTests.Libraries), MemberType = typeof(LayeringTests))]
    public void Assembly_has_no_reassignable_static_field(string library)
    {
        const BindingFlags Statics =
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        IEnumerable<string> offenders =
            from type in Assembly.Load(library).GetTypes()
            where !IsCompilerGenerated(type)
            from field in type.GetFields(Statics)
            where !field.IsInitOnly && !field.IsLiteral && !field.IsDefined(typeof(CompilerGeneratedAttribute))
            select $"{type.FullName}.{field.Name}";

        Assert.Empty(offenders);
    }

    private static bool IsCompilerGenerated(Type type) =>
        type.Name.Contains('<', StringComparison.Ordinal)
        || type.IsDefined(typeof(CompilerGeneratedAttribute))
        || (type.DeclaringType is { } outer && IsCompilerGenerated(outer));
}
