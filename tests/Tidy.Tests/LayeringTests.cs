using System.Reflection;
using System.Xml.Linq;

namespace UapiLab.Tidy.Tests;

/// <summary>
/// Contracts reference nothing; encodings and engines reference contracts only; one program sees all three.
/// The project files and the compiled assemblies are both checked: a reference can hide in either.
/// </summary>
public sealed class LayeringTests
{
    private const string Abstractions = "UapiLab.Abstractions";
    private const string Encodings = "UapiLab.Encodings";
    private const string Harness = "UapiLab.Harness";
    private const string Testing = "UapiLab.Testing";
    private const string Plugins = "UapiLab.Plugins";
    private const string Cli = "UapiLab.Cli";

    public static TheoryData<string, string[]> DeclaredReferences { get; } = new()
    {
        { "src/Abstractions/UapiLab.Abstractions.csproj", [] },
        { "src/Encodings/UapiLab.Encodings.csproj", [Abstractions] },
        { "src/Harness/UapiLab.Harness.csproj", [Abstractions] },
        { "src/Testing/UapiLab.Testing.csproj", [Abstractions, Harness] },
        { "src/Cli/UapiLab.Cli.csproj", [Abstractions, Encodings, Harness, Plugins] },
        { "src/Plugins/UapiLab.Plugins.csproj", [Abstractions, Harness] },
    };

    public static TheoryData<string, string[]> AllowedAssemblyReferences { get; } = new()
    {
        { Abstractions, [] },
        { Encodings, [Abstractions] },
        { Harness, [Abstractions] },
        { Testing, [Abstractions, Harness] },
        { Plugins, [Abstractions, Harness] },
    };

    [Theory]
    [MemberData(nameof(DeclaredReferences))]
    public void Project_file_names_exactly_the_allowed_projects(string project, string[] expected)
    {
        Assert.Equal(expected, ProjectReferences(Repository.FullPath(project)));
    }

    [Theory]
    [MemberData(nameof(AllowedAssemblyReferences))]
    public void Compiled_assembly_stays_in_its_layer(string assembly, string[] allowed)
    {
        IEnumerable<string> seen =
            from reference in Assembly.Load(assembly).GetReferencedAssemblies()
            where reference.Name!.StartsWith("UapiLab", StringComparison.OrdinalIgnoreCase)
            select reference.Name;

        Assert.Empty(seen.Except(allowed));
    }

    [Fact]
    public void Only_the_command_line_program_sees_every_layer()
    {
        string[] all = [Abstractions, Encodings, Harness];

        IEnumerable<string> composing =
            from project in Directory.EnumerateFiles(Repository.FullPath("src"), "*.csproj", SearchOption.AllDirectories)
            where !all.Except(ProjectReferences(project)).Any()
            select Path.GetFileNameWithoutExtension(project);

        Assert.Equal([Cli], composing);
    }

    [Fact]
    public void Source_projects_do_not_reach_around_the_project_references()
    {
        IEnumerable<string> offenders =
            from project in Directory.EnumerateFiles(Repository.FullPath("src"), "*.csproj", SearchOption.AllDirectories)
            from item in XDocument.Load(project).Descendants()
            where (item.Name.LocalName == "Reference" && item.Attribute("Include") is not null)
                || (item.Name.LocalName == "Compile" && ((string?)item.Attribute("Include"))?.Contains("..", StringComparison.Ordinal) == true)
            select $"{Path.GetFileName(project)}: {item}";

        Assert.Empty(offenders);
    }

    private static string[] ProjectReferences(string project) =>
        [.. XDocument.Load(project)
            .Descendants("ProjectReference")
            .Select(item => ((string)item.Attribute("Include")!).Replace('\\', '/'))
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal)];
}
