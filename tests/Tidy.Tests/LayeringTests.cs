using UapiLab.Tests;
using System.Reflection;
using System.Xml.Linq;

namespace UapiLab.Tidy.Tests;

/// <summary>
/// Contracts reference nothing; encodings and engines reference contracts only; one program sees all of them.
/// The project files and the compiled assemblies are both checked: a reference can hide in either.
/// </summary>
public sealed class LayeringTests
{
    private const string Abstractions = "UapiLab.Abstractions";
    private const string Encodings = "UapiLab.Encodings";
    private const string Testing = "UapiLab.Testing";
    private const string Plugins = "UapiLab.Plugins";
    private const string Pages = "UapiLab.Pages";
    private const string Cluster = "UapiLab.Cluster";
    private const string Live = "UapiLab.Live";
    private const string Cli = "UapiLab.Cli";
    private const string Harness = "UapiLab.Harness";

    /// <summary>The rooms of the harness, lowest first: a room may reference those before it.</summary>
    private static readonly string[] s_rooms =
    [
        "Foundation", "Machines", "Native", "Registry", "Uapi", "Simulation", "Comparisons", "Checking",
        "Conformance", "Lab",
    ];

    private static readonly Project[] s_projects =
        [.. Directory.EnumerateFiles(Repository.FullPath("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(Project.Read)
            .OrderBy(project => project.Folder, StringComparer.Ordinal)];

    public static TheoryData<string> Rooms => [.. s_rooms];

    /// <summary>Every library of the lab.</summary>
    public static TheoryData<string> Libraries =>
        [Abstractions, Encodings, Testing, Plugins, Pages, Cluster, Live,
            .. s_rooms.Select(room => $"{Harness}.{room}")];

    public static TheoryData<string, string[]> AllowedReferences { get; } = new()
    {
        { Abstractions, [] },
        { Encodings, [Abstractions] },
        { Testing, [Abstractions, Harness, .. RoomsUpTo("Checking")] },
        { Plugins, [Abstractions, .. RoomsUpTo("Lab")] },
        { Pages, [.. RoomsUpTo("Checking")] },
        { Cluster, [Abstractions, .. RoomsUpTo("Checking")] },
        { Live, [Abstractions, .. RoomsUpTo("Simulation")] },
    };

    [Fact]
    public void Every_room_has_its_place_in_the_order()
    {
        IEnumerable<string> rooms =
            from project in s_projects
            where project.Name.StartsWith(Harness + ".", StringComparison.Ordinal)
            select project.Name[(Harness.Length + 1)..];

        Assert.Equal(s_rooms.Order(StringComparer.Ordinal), rooms.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_the_contract_and_rooms_below_it(string room)
    {
        string name = $"{Harness}.{room}";
        string[] allowed = [Abstractions, .. RoomsUpTo(room)];

        Assert.Empty(s_projects.Single(project => project.Name == name).References.Except(allowed));
        Assert.Empty(ReferencesOf(Assembly.Load(name)).Except(allowed));
    }

    [Theory]
    [MemberData(nameof(AllowedReferences))]
    public void A_library_stays_in_its_layer(string name, string[] allowed)
    {
        Assert.Empty(s_projects.Single(project => project.Name == name).References.Except(allowed));
        Assert.Empty(ReferencesOf(Assembly.Load(name)).Except(allowed));
    }

    [Theory]
    [InlineData(Encodings)]
    [InlineData(Pages)]
    [InlineData(Cluster)]
    [InlineData(Live)]
    public void Only_the_command_line_program_brings_it_in(string library)
    {
        IEnumerable<string> users =
            from project in s_projects
            where project.References.Contains(library)
            select project.Name;

        Assert.Equal([Cli], users);
    }

    /// <summary>A clock in the simulator would make a run unrepeatable, so a library reads it in one file.</summary>
    [Fact]
    public void Clocks_are_read_in_one_file_of_one_library()
    {
        IEnumerable<string> allowing =
            from file in Repository.Files
            where file.StartsWith("src/", StringComparison.Ordinal) && Path.GetExtension(file) is ".cs" or ".csproj"
                && File.ReadAllText(Repository.FullPath(file)).Contains("RS0030", StringComparison.Ordinal)
            select file;

        Assert.Equal(["src/Live/Os/Clock.cs"], allowing);
    }

    [Fact]
    public void Namespaces_of_the_rooms_are_their_folders()
    {
        IEnumerable<string> offenders =
            from file in Repository.Files
            where file.StartsWith("src/Harness/", StringComparison.Ordinal)
                && file.EndsWith(".cs", StringComparison.Ordinal)
            let expected = $"namespace UapiLab.{Path.GetDirectoryName(file)!["src/".Length..].Replace('/', '.')};"
            where !File.ReadLines(Repository.FullPath(file)).Contains(expected)
            select $"{file}: expected {expected}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Source_projects_do_not_reach_around_the_project_references()
    {
        IEnumerable<string> offenders =
            from project in Directory.EnumerateFiles(
                Repository.FullPath("src"), "*.csproj", SearchOption.AllDirectories)
            from item in XDocument.Load(project).Descendants()
            let include = (string?)item.Attribute("Include")
            where (item.Name.LocalName == "Reference" && include is not null)
                || (item.Name.LocalName == "Compile" && include?.Contains("..", StringComparison.Ordinal) == true)
            select $"{Path.GetFileName(project)}: {item}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void The_architecture_page_draws_the_projects()
    {
        GeneratedDoc.Check("docs/architecture.md", "projects", Drawing());
    }

    private static IEnumerable<string> Drawing()
    {
        Project[] drawn = [.. s_projects.Where(project => project.Name != Harness)];
        yield return "```mermaid";
        yield return "graph BT";
        foreach (Project project in drawn)
        {
            foreach (string below in project.References.Where(name => name != Harness
                && !IsReachedOtherwise(project, name)))
            {
                yield return $"  {Short(project.Name)} --> {Short(below)}";
            }
        }

        yield return "```";
        yield return "";
        yield return "| project | what is in it | it references |";
        yield return "| --- | --- | --- |";
        foreach (Project project in drawn)
        {
            string references = string.Join(", ", project.References.Where(name => name != Harness).Select(Short));
            yield return $"| `{project.Folder}` | {project.Description} | "
                + $"{(references.Length == 0 ? "nothing" : references)} |";
        }
    }

    /// <summary>Whether an arrow adds nothing to the drawing: another reference leads there as well.</summary>
    private static bool IsReachedOtherwise(Project project, string name) =>
        project.References.Any(other => other != name && other != Harness && Reaches(other, name));

    private static bool Reaches(string from, string name) =>
        s_projects.Single(project => project.Name == from).References.Any(below => below == name
            || Reaches(below, name));

    private static string Short(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static IEnumerable<string> RoomsUpTo(string room) =>
        s_rooms.Take(Array.IndexOf(s_rooms, room) + 1).Select(below => $"{Harness}.{below}");

    private static IEnumerable<string> ReferencesOf(Assembly assembly) =>
        from reference in assembly.GetReferencedAssemblies()
        where reference.Name!.StartsWith("UapiLab", StringComparison.OrdinalIgnoreCase)
        select reference.Name;

    /// <summary>What a project file says.</summary>
    private sealed record Project(string Name, string Folder, string Description, string[] References)
    {
        public static Project Read(string path)
        {
            XDocument file = XDocument.Load(path);
            return new(
                Path.GetFileNameWithoutExtension(path),
                Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!).Replace('\\', '/'),
                ((string?)file.Descendants("Description").SingleOrDefault() ?? "").TrimEnd('.'),
                [.. file.Descendants("ProjectReference")
                    .Select(item => ((string)item.Attribute("Include")!).Replace('\\', '/'))
                    .Select(reference => Path.GetFileNameWithoutExtension(reference)!)
                    .Order(StringComparer.Ordinal)]);
        }
    }
}
