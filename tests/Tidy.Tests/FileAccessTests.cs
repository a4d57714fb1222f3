using System.Text.RegularExpressions;

namespace UapiLab.Tidy.Tests;

/// <summary>Files are written in one place, which writes them beside and renames them, and what a user names is opened
/// in one place, where a stream does as well and nothing is without end.</summary>
public sealed partial class FileAccessTests
{
    private const string Place = "src/Harness/Foundation/Files/";

    // The kernel's files take words in place, and a recording of theirs is copied out.
    private const string Tracefs = "src/Cli/Record/Tracefs.cs";

    // What is opened there is not what a user names: our own assemblies, a plugin's that the runtime opens too, and
    // what the system says of this process.
    private static readonly string[] s_readers =
    [
        Tracefs, "src/Harness/Checking/Histories/UnoptimisedCopy.cs", "src/Plugins/PluginAssembly.cs",
        "src/Cli/Proposals/EvidenceFolder.cs", "src/Harness/Checking/Search/MemoryBound.cs",
        "src/Live/Os/SystemFile.cs", "src/Plugins/C/ReadableMemory.cs",
    ];

    [Fact]
    public void No_other_place_opens_a_file_to_write() => Assert.Equal([Tracefs], Offenders(Writing()).Distinct());

    [Fact]
    public void No_other_place_opens_what_a_user_names() =>
        Assert.Equal(s_readers.Order(StringComparer.Ordinal), Offenders(Reading()).Distinct());

    [Theory]
    [InlineData("File.WriteAllText(path, text);")]
    [InlineData("await File.AppendAllLinesAsync(path, text);")]
    [InlineData("using var file = System.IO.File.Create(path);")]
    [InlineData("new FileStream(path, FileMode.Create)")]
    [InlineData("new StreamWriter(path)")]
    [InlineData("File.OpenHandle(path, FileMode.Open, FileAccess.Write)")]
    [InlineData("File.Move(from, to)")]
    [InlineData("new FileInfo(path).OpenWrite()")]
    public void Whatever_writes_is_found(string line) => Assert.Matches(Writing(), line);

    [Theory]
    [InlineData("OutputFile.Write(path, text);")]
    [InlineData("File.Delete(path)")]
    [InlineData("new StreamWriter(Console.OpenStandardOutput())")]
    public void What_does_not_is_not(string line) => Assert.DoesNotMatch(Writing(), line);

    [Theory]
    [InlineData("File.ReadAllBytes(path)")]
    [InlineData("File.OpenRead(path)")]
    [InlineData("new StreamReader(path)")]
    public void Whatever_reads_is_found(string line) => Assert.Matches(Reading(), line);

    private static IEnumerable<string> Offenders(Regex pattern) =>
        from file in Repository.Files
        where file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal)
            && !file.StartsWith(Place, StringComparison.Ordinal)
        where pattern.IsMatch(File.ReadAllText(Repository.FullPath(file)))
        select file;

    [GeneratedRegex(@"\bFile\.(Write|Append|Create(?!SymbolicLink)|OpenWrite|OpenHandle|Open\(|Move|Copy|Replace)"
        + @"|new FileStream\(|new StreamWriter\((?!Console\.OpenStandard)|\.OpenWrite\(|\.CreateText\(")]
    private static partial Regex Writing();

    [GeneratedRegex(@"\bFile\.(Read|OpenRead|OpenText|OpenHandle|Open\()|new FileStream\("
        + @"|new StreamReader\((?!stream)")]
    private static partial Regex Reading();
}
