using UapiLab.Tests;

namespace UapiLab.Plugins.Tests;

/// <summary>Plugins that users wrote (tests/data/plugins; their first lines say what is wrong with them): a change of
/// what plugins compile against is seen here first.</summary>
public sealed class PluginsInTheWildTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("uapilab-wild-");

    public static TheoryData<string> Files =>
        new(Directory.GetFiles(Path.Combine(GeneratedDoc.Root(), "tests", "data", "plugins"), "*.cs")
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public void Compile_and_bring_one_family_or_are_told_why_not(string file)
    {
        var path = Path.Combine(GeneratedDoc.Root(), "tests", "data", "plugins", file);
        if (File.ReadLines(path).First() == "// expect: refused")
        {
            var told = Assert.Throws<PluginSourceException>(() => PluginFiles.Load([path], _folder.FullName)).Message;
            Assert.Contains($"{path}(71,23): LAB002: Words.Faults is a static field that can change, expected none",
                told, StringComparison.Ordinal);
            return;
        }

        var plugin = Assert.Single(PluginFiles.Load([path], _folder.FullName));
        var family = Assert.Single(plugin.Families);
        Assert.Contains($"\"{family.Id}\"", File.ReadAllText(path), StringComparison.Ordinal);
    }
}
