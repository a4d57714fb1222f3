using System.Collections.Immutable;
using System.Reflection;

namespace UapiLab.Harness.Registry;

/// <summary>Types whose values cannot change: numbers, enums, strings, and sealed types made of readonly fields of such
/// types.</summary>
internal static class ImmutableKinds
{
    private const BindingFlags Fields =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static bool Contains(Type type) => Contains(type, []);

    /// <param name="type">The type in question.</param>
    /// <param name="open">Types being decided further up: a type that refers to itself is as good as its other
    /// fields.</param>
    private static bool Contains(Type type, HashSet<Type> open)
    {
        // A native integer or a pointer may lead to memory that changes.
        if (type.IsPointer || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint))
        {
            return false;
        }

        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || !open.Add(type))
        {
            return true;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return Contains(type.GetGenericArguments()[0], open);
        }

        // A type that is not sealed may have a mutable heir; a delegate may hold anything.
        if (!type.IsSealed || type.IsArray || typeof(Delegate).IsAssignableFrom(type))
        {
            return false;
        }

        for (var level = type; level is not null && level != typeof(object)
            && level != typeof(ValueType); level = level.BaseType)
        {
            if (level.GetFields(Fields).Any(f => !f.IsInitOnly || !Contains(f.FieldType, open)))
            {
                return false;
            }
        }

        return true;
    }
}
