using System.Reflection;

namespace UapiLab.Harness.Machines;

/// <summary>A table whose rows are attributes of an enumeration's members; each member has one.</summary>
internal static class EnumRows<TEnum, TRow>
    where TEnum : struct, Enum
    where TRow : Attribute
{
    /// <summary>By number of the member.</summary>
    public static TRow[] All { get; } = [.. Enum.GetValues<TEnum>().Select(member =>
        typeof(TEnum).GetField(member.ToString())!.GetCustomAttribute<TRow>()
            ?? throw new InvalidOperationException($"{typeof(TEnum).Name}.{member} has no row"))];
}
