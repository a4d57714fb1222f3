using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Plugins;

/// <summary>One source file, compiled in this process against the contract and the framework and nothing
/// else.</summary>
internal static class SourcePlugin
{
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.Linq;";

    /// <returns>The assembly, with its symbols beside it. It is kept under a name that says what it was made
    /// of.</returns>
    public static string Compile(string path, string builds)
    {
        var source = InputFile.Read(path, "a plugin as C#", CancellationToken.None);
        var name = System.IO.Path.GetFileNameWithoutExtension(path);
        var folder = System.IO.Path.Combine(builds, Key(source, path));
        var file = System.IO.Path.Combine(folder, name + ".dll");
        if (!File.Exists(file))
        {
            Emit(Compilation(path, name, source), path, file);
        }

        return file;
    }

    /// <summary>The symbols hold the path, so it counts too; so do contract and compiler.</summary>
    private static string Key(byte[] source, string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(typeof(Abstractions.Encoding).Module.ModuleVersionId.ToByteArray());
        hash.AppendData(typeof(SourcePlugin).Module.ModuleVersionId.ToByteArray());
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(System.IO.Path.GetFullPath(path)));
        hash.AppendData(source);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static CSharpCompilation Compilation(string path, string name, byte[] source)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        using var stream = new MemoryStream(source);
        var text = SourceText.From(stream, System.Text.Encoding.UTF8, SourceHashAlgorithm.Sha256, canBeEmbedded: true);
        return CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(text, options, System.IO.Path.GetFullPath(path)),
                CSharpSyntaxTree.ParseText(Usings, options, "usings", System.Text.Encoding.UTF8)],
            References(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                checkOverflow: true,
                deterministic: true,
                metadataImportOptions: MetadataImportOptions.All, // private fields say whether a type is immutable
                nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>A built assembly as the compiler sees it.</summary>
    public static IAssemblySymbol? Symbols(string file)
    {
        var assembly = MetadataReference.CreateFromFile(file);
        return CSharpCompilation.Create("symbols", [], References().Append(assembly),
                new(OutputKind.DynamicallyLinkedLibrary, metadataImportOptions: MetadataImportOptions.All))
            .GetAssemblyOrModuleSymbol(assembly) as IAssemblySymbol;
    }

    private static IEnumerable<MetadataReference> References() =>
        Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll")
            .Where(f => System.IO.Path.GetFileName(f) is var n
                && (n.StartsWith("System.", StringComparison.Ordinal) || n is "netstandard.dll" or "mscorlib.dll")
                && !n.Contains(".Native.", StringComparison.Ordinal)
                && n != "System.CommandLine.dll") // the program's own, where runtime and program are one file
            .Append(typeof(Abstractions.Encoding).Assembly.Location)
            .Select(f => MetadataReference.CreateFromFile(f));

    private static Diagnostic[] ErrorsOf(IEnumerable<Diagnostic> found) =>
        [.. found.Where(d => d.Severity == DiagnosticSeverity.Error)];

    private static void Emit(CSharpCompilation compilation, string path, string file)
    {
        var tree = compilation.SyntaxTrees[0];
        // What the compiler thinks of the rest of a file that it could not even parse is no help.
        CompilerMessages.ThrowOn(path, ErrorsOf(tree.GetDiagnostics()));
        using var code = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(
            code,
            symbols,
            options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb),
            embeddedTexts: [EmbeddedText.FromSource(tree.FilePath, tree.GetText())]);
        CompilerMessages.ThrowOn(path, ErrorsOf(result.Diagnostics));
        CompilerMessages.ThrowOn(path, UnrepeatableCalls.In(compilation, tree));
        CompilerMessages.ThrowOn(path, MutableStatics.In(compilation.Assembly));
        // Symbols first: whoever finds the assembly finds them.
        OutputFile.Write(System.IO.Path.ChangeExtension(file, ".pdb"), symbols.WriteTo);
        OutputFile.Write(file, code.WriteTo);
    }
}
