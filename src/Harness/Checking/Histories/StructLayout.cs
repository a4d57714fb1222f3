using System.Reflection;
using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Checking;

/// <summary>Where the fields of a state structure lie. The structures have no padding (StateLayoutTests), so each field begins
/// where the one before ends; that they fill the structure is asked once more here.</summary>
internal static class StructLayout
{
    /// <summary>The fields of a structure in order; a primitive or an enumeration has one, without a name.</summary>
    public static IReadOnlyList<(string Name, int Offset, int Size, Type Type)> Of<T>()
        where T : unmanaged
    {
        if (typeof(T).IsPrimitive || typeof(T).IsEnum)
        {
            return [("", 0, Unsafe.SizeOf<T>(), typeof(T))];
        }

        var fields = new List<(string, int, int, Type)>();
        var end = 0;
        foreach (var field in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var size = SizeOf(field.FieldType);
            fields.Add((field.Name, end, size, field.FieldType));
            end += size;
        }

        return end == Unsafe.SizeOf<T>() ? fields : throw new InvalidOperationException($"{typeof(T).Name} has padding, or its fields are not where they seem");
    }

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
