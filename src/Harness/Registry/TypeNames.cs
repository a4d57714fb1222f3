namespace UapiLab.Harness.Registry;

/// <summary>Names of types as one would write them in C#, without namespaces.</summary>
internal static class TypeNames
{
    public static string Of(Type type)
    {
        var name = type.Name.Split('`')[0];
        if (type.IsGenericType)
        {
            name += $"<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
        }

        return type is { IsNested: true, IsGenericParameter: false }
            ? $"{type.DeclaringType!.Name.Split('`')[0]}.{name}" : name;
    }
}
