using Microsoft.CodeAnalysis;

namespace UapiLab.Plugins;

/// <summary>
/// Static fields of a plugin that can change, in whichever of its types: one half could hand knowledge to the other
/// through them, and a search could not go back to a state. Constants and read-only fields of immutable types may stay.
/// </summary>
internal static class MutableStatics
{
    private static readonly DiagnosticDescriptor s_rule = new("LAB002", "State outside of a region",
        "{0} is {1}; state of an encoding is in declared regions (docs/contract.md)", "Determinism",
        DiagnosticSeverity.Error, true);

    /// <summary>The offending fields, each with its place in the source.</summary>
    public static IReadOnlyList<Diagnostic> In(IAssemblySymbol assembly) =>
    [
        .. from fault in Faults(assembly)
           select Diagnostic.Create(s_rule, fault.Symbol.Locations.FirstOrDefault(l => l.IsInSource), fault.Name,
               fault.What),
    ];

    /// <summary>The same for a built assembly, in a line for the first.</summary>
    public static string? First(IAssemblySymbol assembly) =>
        Faults(assembly).Select(f => $"{f.Name} is {f.What}").FirstOrDefault();

    private static IEnumerable<(ISymbol Symbol, string Name, string What)> Faults(IAssemblySymbol assembly) =>
        from type in Types(assembly.GlobalNamespace)
        from member in type.GetMembers()
        where member.IsStatic
        let what = Fault(member)
        where what is not null
        let symbol = member is IFieldSymbol { AssociatedSymbol: { } property } ? property : member
        select (symbol, $"{type.ToDisplayString()}.{SourceName(symbol.Name)}", what);

    private static string? Fault(ISymbol member) => member switch
    {
        IFieldSymbol { IsConst: true } => null,
        IFieldSymbol { IsReadOnly: false } => "a static field that can change, expected none",
        IFieldSymbol { Type: var type } when !IsImmutable(type, new(SymbolEqualityComparer.Default)) =>
            $"a static field of type {type.ToDisplayString()}, whose content can change, expected a number, an enum, a "
            + $"string, an ImmutableArray or a sealed type of readonly fields",
        IEventSymbol { AddMethod.IsImplicitlyDeclared: true } => "a static event, expected none",
        _ => null,
    };

    /// <summary>The types that the plugin's author wrote: the compiler keeps delegates of lambdas in classes of its
    /// own, which source code cannot reach.</summary>
    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                if (type.Name.StartsWith('<') || type.TypeKind == TypeKind.Enum)
                {
                    continue;
                }

                yield return type;
            }

            foreach (var inner in Types(member))
            {
                yield return inner;
            }
        }
    }

    private static bool IsImmutable(ITypeSymbol type, HashSet<ITypeSymbol> open)
    {
        if (type.SpecialType is (>= SpecialType.System_Boolean and <= SpecialType.System_String)
            || type.TypeKind == TypeKind.Enum || !open.Add(type))
        {
            return true;
        }

        if (type is not INamedTypeSymbol named || type.TypeKind is not (TypeKind.Class or TypeKind.Struct)
            || !type.IsSealed)
        {
            return false;
        }

        if (named.ConstructedFrom.ToDisplayString() == "System.Collections.Immutable.ImmutableArray<T>")
        {
            return IsImmutable(named.TypeArguments[0], open);
        }

        for (var level = named; level is not null && level.SpecialType is not (SpecialType.System_Object
            or SpecialType.System_ValueType); level = level.BaseType)
        {
            if (level.GetMembers().OfType<IFieldSymbol>()
                .Any(f => !f.IsStatic && (!f.IsReadOnly || !IsImmutable(f.Type, open))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The property behind a field that the compiler named.</summary>
    private static string SourceName(string name)
    {
        var close = name.IndexOf('>', StringComparison.Ordinal);
        return name.StartsWith('<') && close > 1 ? name[1..close] : name;
    }
}
