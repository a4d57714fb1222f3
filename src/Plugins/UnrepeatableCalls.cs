using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace UapiLab.Plugins;

/// <summary>
/// Uses of clocks, chance, threads and the like in a source file: a run with one could not be repeated from its seed,
/// and a search could not go back to a state. It finds what is written down plainly, to save its author a search; it is
/// no fence.
/// </summary>
internal static class UnrepeatableCalls
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "LAB001", "Not repeatable",
            "{0} may give another answer in the next run; a half may depend on its arguments and on what its calls "
            + "return", "Determinism", DiagnosticSeverity.Error, true);

    private static readonly string[] s_types =
    [
        "System.Random", "System.Diagnostics.Stopwatch", "System.Threading.Thread", "System.Threading.Timer",
            "System.Threading.ThreadPool", "System.Timers.Timer", "System.Threading.Tasks.Task",
        "System.Threading.Tasks.Parallel", "System.TimeProvider", "System.HashCode",
            "System.Security.Cryptography.RandomNumberGenerator",
    ];

    private static readonly string[] s_members =
    [
        "System.DateTime.Now", "System.DateTime.UtcNow", "System.DateTime.Today", "System.DateTimeOffset.Now",
            "System.DateTimeOffset.UtcNow",
        "System.Environment.TickCount", "System.Environment.TickCount64", "System.Guid.NewGuid",
            "System.Guid.CreateVersion7",
        "System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode", "System.Object.GetHashCode",
            "System.String.GetHashCode",
    ];

    public static IReadOnlyList<Diagnostic> In(Compilation compilation, SyntaxTree tree)
    {
        var model = compilation.GetSemanticModel(tree);
        return
        [
            .. from name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
               let symbol = model.GetSymbolInfo(name).Symbol
               where symbol is not null
               let full = symbol is ITypeSymbol ? symbol.OriginalDefinition.ToDisplayString(s_plain)
                   : $"{symbol.ContainingType?.OriginalDefinition.ToDisplayString(s_plain)}.{symbol.Name}"
               where symbol is ITypeSymbol ? s_types.Contains(full) : s_members.Contains(full)
               select Diagnostic.Create(s_rule, name.GetLocation(), full),
        ];
    }

    private static readonly SymbolDisplayFormat s_plain =
        new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
