using System.Reflection;
using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Registry;

/// <summary>Which fields a half may have: read-only ones of immutable kinds.</summary>
internal static class FieldRules
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>What is wrong with the first offending field of a half, or null.</summary>
    public static string? FirstFault(Type half)
    {
        for (var type = half; type is not null && type != typeof(object)
            && type != typeof(ValueType); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Declared | BindingFlags.Instance | BindingFlags.Static))
            {
                if (Fault(type, field) is { } fault)
                {
                    return fault;
                }
            }

            if (NestedFault(type) is { } nested)
            {
                return nested;
            }
        }

        return null;
    }

    /// <summary>Only static fields of nested types last longer than a call; an instance is state only if a field holds
    /// it, and that field's type is checked where the field is.</summary>
    private static string? NestedFault(Type outer)
    {
        foreach (var nested in outer.GetNestedTypes(Declared))
        {
            // The compiler keeps delegates of lambdas in a class of its own; source code cannot reach those fields.
            if (nested.IsDefined(typeof(CompilerGeneratedAttribute)))
            {
                continue;
            }

            foreach (var field in nested.GetFields(Declared | BindingFlags.Static))
            {
                if (Fault(nested, field) is { } fault)
                {
                    return fault;
                }
            }

            if (NestedFault(nested) is { } deeper)
            {
                return deeper;
            }
        }

        return null;
    }

    private static string? Fault(Type owner, FieldInfo field)
    {
        if (field.IsLiteral)
        {
            return null;
        }

        var name = $"{TypeNames.Of(owner)}.{SourceName(field)}";
        if (!field.IsInitOnly)
        {
            var hint = field.Name.EndsWith(">P", StringComparison.Ordinal)
                ? "a captured constructor parameter, expected it to be copied to a readonly field"
                : field.IsStatic ? "a mutable static field, expected none"
                    : "a mutable field, expected readonly ones only";
            return $"{name} is {hint}";
        }

        return ImmutableKinds.Contains(field.FieldType)
            ? null
            : $"{name} is of type {TypeNames.Of(field.FieldType)}, expected a number, an enum, a string or a sealed "
                + $"type of readonly fields";
    }

    /// <summary>The property or parameter behind a field that the compiler named.</summary>
    private static string SourceName(FieldInfo field)
    {
        var close = field.Name.IndexOf('>', StringComparison.Ordinal);
        return field.Name.StartsWith('<') && close > 1 ? field.Name[1..close] : field.Name;
    }
}
