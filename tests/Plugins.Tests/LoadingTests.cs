using System.Reflection.Metadata;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using UapiLab.Harness.Foundation;
using UapiLab.Tests;

namespace UapiLab.Plugins.Tests;

/// <summary>What can be loaded, and what is said of what cannot.</summary>
public sealed class LoadingTests : IDisposable
{
    private const string Family = """
        using UapiLab.Abstractions;
        public sealed class F : IEncodingFamily
        {
            public string Id => "f";
            public string Summary => "s";
            public IReadOnlyList<OptionSpec> Options => [];
            public Encoding Create(OptionValues options) => throw new NotSupportedException();
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-plugins-");

    private string Builds => Path.Combine(_folder.FullName, "builds");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_source_file_is_found_by_its_public_family_and_compiled_once()
    {
        var path = Write("f.cs", Family);
        var plugin = Assert.Single(PluginFiles.Load([path], Builds));
        Assert.Equal("f", Assert.Single(plugin.Families).Id);
        Assert.Equal(64, plugin.Sha256.Length);

        var built = Directory.GetFiles(Builds, "f.dll", SearchOption.AllDirectories);
        PluginFiles.Compile([path], Builds);
        Assert.Equal(built, Directory.GetFiles(Builds, "f.dll", SearchOption.AllDirectories));

        Write("f.cs", Family + "// changed");
        PluginFiles.Compile([path], Builds);
        Assert.Equal(2, Directory.GetFiles(Builds, "f.dll", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void The_symbols_hold_path_and_source()
    {
        PluginFiles.Compile([Write("f.cs", Family)], Builds);
        using var provider =
            MetadataReaderProvider.FromPortablePdbStream(
                File.OpenRead(Assert.Single(Directory.GetFiles(Builds, "f.pdb", SearchOption.AllDirectories))));
        var symbols = provider.GetMetadataReader();
        var names = symbols.Documents.Select(d => symbols.GetString(symbols.GetDocument(d).Name));
        Assert.Contains(Path.Combine(_folder.FullName, "f.cs"), names);
        Assert.NotEmpty(symbols.CustomDebugInformation);
    }

    [Fact]
    public void An_error_is_shown_with_its_line_and_a_caret()
    {
        var path = Write("f.cs", "public class F\n{\n    int x = \"no\";\n}\n");
        var e = Assert.Throws<PluginSourceException>(() => PluginFiles.Compile([path], Builds));
        Assert.Equal(
            $"{path}(3,13): CS0029: Cannot implicitly convert type 'string' to 'int'\n        int x = \"no\";\n       "
            + $"         ^~~~", e.Message);
    }

    [Fact]
    public void A_file_that_cannot_be_parsed_is_not_told_what_follows_from_it()
    {
        var path = Write("f.cs", "public class F\n{\n    int X((int y) => y + nowhere;\n}\n");
        var message = Assert.Throws<PluginSourceException>(() => PluginFiles.Compile([path], Builds)).Message;
        Assert.Contains($"{path}(3,", message, StringComparison.Ordinal);
        Assert.DoesNotContain("nowhere'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("System.DateTime.UtcNow.Ticks", "System.DateTime.UtcNow")]
    [InlineData("System.Random.Shared.Next()", "System.Random")]
    [InlineData("System.Environment.TickCount64", "System.Environment.TickCount64")]
    [InlineData("\"a\".GetHashCode()", "System.String.GetHashCode")]
    [InlineData("System.Guid.NewGuid().ToByteArray()[0]", "System.Guid.NewGuid")]
    public void Clocks_and_chance_do_not_compile(string expression, string named)
    {
        var path = Write("f.cs", Family + $"public static class Bad {{ public static long X() => {expression}; }}");
        Assert.Contains($"LAB001: {named} ",
            Assert.Throws<PluginSourceException>(() => PluginFiles.Compile([path], Builds)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public static int Count;", "Helper.Count is a static field that can change")]
    [InlineData("private static int s_count; public static int Next() => s_count + 1;", "Helper.s_count is a static")]
    [InlineData("public static int Count { get; set; }", "Helper.Count is a static field that can change")]
    [InlineData("public static readonly ulong[] Words = [1, 2];", "Helper.Words is a static field of type ulong[]")]
    [InlineData("public static IReadOnlyList<int> Words { get; } = [1];", "Helper.Words is a static field of type")]
    [InlineData("public static readonly Dictionary<int, int> Seen = [];", "Helper.Seen is a static field of type")]
    [InlineData("public static readonly object Gate = new();", "Helper.Gate is a static field of type object")]
    [InlineData("public static readonly Box Held = new(); public sealed class Box { public int Count; }",
        "Helper.Held is a static field of type Helper.Box")]
    [InlineData("public static event Action? Seen; public static void See() => Seen?.Invoke();",
        "Helper.Seen is a static")]
    [InlineData("private sealed class Inner<T> { public static T? Last; public T? Next() => Last; }",
        "Helper.Inner<T>.Last is a static field that can change")]
    public void A_static_that_can_change_is_refused_wherever_it_is(string member, string named)
    {
        var path = Write("f.cs", $"{Family}\npublic static class Helper {{ {member} }}");
        var told = Assert.Throws<PluginSourceException>(() => PluginFiles.Compile([path], Builds)).Message;
        Assert.Contains($"{path}(9,", told, StringComparison.Ordinal);
        Assert.Contains($"LAB002: {named}", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_static_that_cannot_change_may_stay() =>
        Assert.Single(PluginFiles.Load([Write("f.cs", Family + """
            public static class Helper
            {
                public const int Free = 0;
                public static readonly ulong Bit = 1UL << 4;
                public static readonly Gfn First = new(1);
                public static readonly System.Collections.Immutable.ImmutableArray<ulong> Bits = [1, 2];
                public static ReadOnlySpan<byte> Bytes => [1, 2];
                public static IReadOnlyList<int> Made => [1];
                public static Pair Both { get; } = new(1, "a");
                public static int Sum(IEnumerable<int> of) => of.Where(x => x > 1).Sum();
                public sealed record Pair(int One, string Other);
            }
            """)], Builds));

    [Fact]
    public void A_static_of_a_built_assembly_is_refused_by_name()
    {
        Emit("f.dll", "using System; using System.Collections.Generic;" + Family
            + "internal static class Helper { public static int Count { get; set; } }",
            [typeof(Abstractions.Encoding).Assembly.Location]);
        Rejected(Path.Combine(_folder.FullName, "f.dll"), "Helper.Count is a static field that can change");
    }

    [Fact]
    public void The_harness_cannot_be_seen_from_source() =>
        Assert.Contains("CS0234",
            Assert.Throws<PluginSourceException>(
            () => PluginFiles.Compile([Write("f.cs", "using UapiLab.Harness;\n" + Family)], Builds)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("internal sealed class F", "nothing in it, expected a public class that implements IEncodingFamily")]
    [InlineData("public abstract class F", "nothing in it, expected a public class that implements IEncodingFamily")]
    [InlineData("public sealed class F(int x)",
        "nothing in it, expected a public class that implements IEncodingFamily")]
    public void No_public_family(string declaration, string expected) =>
        Rejected(Write("f.cs", Family.Replace("public sealed class F", declaration, StringComparison.Ordinal)),
            expected);

    [Fact]
    public void A_constructor_that_throws_is_told_with_its_line() => Rejected(
        Write("f.cs",
            Family.Replace("public string Id",
            "public F() => throw new InvalidOperationException(\"no\");\n    public string Id",
            StringComparison.Ordinal)),
        "what it brings cannot be made: InvalidOperationException: no, at f.cs:4");

    [Fact]
    public void What_else_it_brings_is_found()
    {
        var plugin = Assert.Single(PluginFiles.Load([Write("w.cs", """
            using UapiLab.Abstractions;
            public sealed class W : IWorkload { public string Id => "w"; public string Summary => ""; public string Spec => "mixed"; }
            public sealed class P : IProperty
            {
                public string Name => "p"; public string Doc => ""; public string Outcome => ""; public bool IsNever => true;
                public IReadOnlyList<RunEventKind> Watches => [];
                public bool Shows(in RunEvent e, ref ulong memory) => false;
            }
            public sealed class C : IConcern
            {
                public string Id => "c"; public string Title => ""; public string Question => ""; public string Source => ""; public string Method => "";
                public ConcernAnswer Decide(IConcernBench bench) => null!;
            }
            """)], Builds));
        Assert.Empty(plugin.Families);
        Assert.Equal(("w", "p", "c"),
            (Assert.Single(plugin.Workloads).Id, Assert.Single(plugin.Properties).Name,
            Assert.Single(plugin.Concerns).Id));
    }

    [Fact]
    public void Nothing_there() => Rejected(Path.Combine(_folder.FullName, "none.cs"), "no such file or folder");

    [Fact]
    public void Something_else() =>
        Rejected(Write("f.txt", ""), "expected a .cs, .c, .csproj or .dll, or a folder of them");

    [Fact]
    public void An_empty_folder() => Rejected(_folder.FullName, "expected a .cs, .c or .dll directly in this folder");

    [Fact]
    public void A_dll_that_is_none() => Rejected(Write("f.dll", "MZ, or so it says"), "is not a .NET assembly");

    [Fact]
    public void A_dll_without_the_contract()
    {
        Emit("f.dll", "public class C;", []);
        Rejected(Path.Combine(_folder.FullName, "f.dll"),
            "nothing in it, expected an assembly that refers to UapiLab.Abstractions");
    }

    [Fact]
    public void Another_version_of_the_contract()
    {
        var contract =
            Emit("UapiLab.Abstractions.dll",
                "[assembly: System.Reflection.AssemblyVersion(\"7.3.0.0\")] public interface IOld;", []);
        Emit("f.dll", "public class C : IOld;", [contract]);
        // The copy beside it is no plugin, and is not loaded either.
        Rejected(_folder.FullName, "built against UapiLab.Abstractions 7.3, expected 0.1");
    }

    [Fact]
    public void A_dependency_that_is_not_there()
    {
        var other = Emit("Other.dll", "public class Base { public string Summary => \"\"; }", []);
        Emit("f.dll", "using System; using System.Collections.Generic;"
            + Family.Replace("F : IE", "F : Base, IE", StringComparison.Ordinal)
            .Replace("public string Summary => \"s\";", "", StringComparison.Ordinal),
            [other, typeof(Abstractions.Encoding).Assembly.Location]);
        Assert.Equal("f",
            Assert.Single(
            Assert.Single(PluginFiles.Load([Path.Combine(_folder.FullName, "f.dll")], Builds)).Families).Id);

        var lonely = Directory.CreateDirectory(Path.Combine(_folder.FullName, "lonely")).FullName;
        File.Copy(Path.Combine(_folder.FullName, "f.dll"), Path.Combine(lonely, "f.dll"));
        Rejected(lonely, "needs Other, Version=0.0.0.0, Culture=neutral, PublicKeyToken=null, which is not beside it");
    }

    [Fact]
    public void A_project_is_built_and_its_errors_are_shown()
    {
        Write("P.cs", "using System; using System.Collections.Generic;" + Family);
        var project = Write("P.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><EnableDynamicLoading>true</EnableDynamicLoading></PropertyGroup>
              <ItemGroup><Reference Include="{typeof(Abstractions.Encoding).Assembly.Location}" Private="false" /></ItemGroup>
            </Project>
            """);
        Assert.Equal("f", Assert.Single(Assert.Single(PluginFiles.Load([project], Builds)).Families).Id);

        Write("P.cs", "public class C { int x = \"no\"; }");
        var e = Assert.Throws<PluginSourceException>(() => PluginFiles.Compile([project], Builds));
        Assert.StartsWith(Path.Combine(_folder.FullName, "P.cs") + "(1,26): error CS0029: ", e.Message,
            StringComparison.Ordinal);
    }

    /// <summary>The host of the runtime without what an SDK adds; and a machine without either.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_project_needs_an_SDK(bool hasRuntime)
    {
        var dotnet = Path.Combine(_folder.FullName, "dotnet");
        if (hasRuntime)
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "makes a symbolic link");
            var runtime = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..");
            File.Copy(Path.Combine(runtime, "dotnet"), dotnet);
            Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "host"), Path.Combine(runtime, "host"));
        }

        var project = Write("P.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\" />");
        var e = Assert.Throws<InputException>(() => ProjectPlugin.Build(project, CancellationToken.None, dotnet));
        Assert.Equal(
            $"{project}: needs the .NET SDK to be built, which the PATH does not lead to: install the .NET 10 SDK, "
                + "or give a .cs file",
            e.Message);
    }

    [Fact]
    public void A_build_without_an_end_can_be_ended()
    {
        Assert.SkipUnless(Repeats.AreWanted, Repeats.Reason);
        Assert.SkipUnless(File.Exists("/bin/sh"), "starts sleep");
        var project = Write("P.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Target Name="Waits" BeforeTargets="Build"><Exec Command="sleep 100" /></Target>
            </Project>
            """);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var interruption = new CancellationTokenSource(TimeSpan.FromSeconds(3));

        Assert.ThrowsAny<OperationCanceledException>(
            () => PluginFiles.Compile([project], Builds, interruption.Token));
        Assert.True(clock.Elapsed.TotalSeconds < 60);
    }

    [Fact]
    public void The_contract_is_shared_even_where_a_copy_lies_beside_the_plugin()
    {
        File.Copy(typeof(Abstractions.Encoding).Assembly.Location,
            Path.Combine(_folder.FullName, "UapiLab.Abstractions.dll"));
        Emit("f.dll", "using System; using System.Collections.Generic;" + Family,
            [typeof(Abstractions.Encoding).Assembly.Location]);
        Assert.IsAssignableFrom<Abstractions.IEncodingFamily>(
            Assert.Single(Assert.Single(PluginFiles.Load([_folder.FullName], Builds)).Families));
    }

    private void Rejected(string path, string expected)
    {
        var e = Assert.Throws<InputException>(() => PluginFiles.Load([path], Builds));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.FullName, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string Emit(string name, string source, IEnumerable<string> references)
    {
        var path = Path.Combine(_folder.FullName, name);
        var framework =
            Directory.EnumerateFiles(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(),
                "System.*.dll").Where(f => !f.Contains("Native", StringComparison.Ordinal));
        var result = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(name), [CSharpSyntaxTree.ParseText(source)],
            framework.Concat(references).Select(f => MetadataReference.CreateFromFile(f)),
                new(OutputKind.DynamicallyLinkedLibrary)).Emit(path);
        Assert.Empty(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));
        return path;
    }
}
