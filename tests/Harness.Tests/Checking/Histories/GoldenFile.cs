using UapiLab.Tests;
namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>Whole outputs that are kept beside the tests. With the environment variable UAPILAB_UPDATE_DOCS set, a
/// check writes the file instead.</summary>
internal static class GoldenFile
{
    public static void Check(string name, string actual)
    {
        var path = Path.Combine(GeneratedDoc.Root(), "tests", "Harness.Tests", "Checking", "Histories", "Golden", name
            + ".golden");
        if (Environment.GetEnvironmentVariable("UAPILAB_UPDATE_DOCS") is not null)
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"there is no {path}; run the tests once with UAPILAB_UPDATE_DOCS=1");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
