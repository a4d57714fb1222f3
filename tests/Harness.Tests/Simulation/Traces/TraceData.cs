using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Tests.Simulation.Traces;

/// <summary>The recordings that come with the tests, and files made up on the spot.</summary>
internal static class TraceData
{
    private static readonly string s_folder = FindFolder();

    public static string PathOf(string relative) => Path.Combine(s_folder, relative);

    public static AccessTrace Read(string relative) => TraceReader.Read(PathOf(relative), new TraceOptions());

    public static AccessTrace ReadText(string text, TraceOptions? options = null)
    {
        using var file = new TemporaryFile(text);
        return TraceReader.Read(file.Path, options ?? new TraceOptions());
    }

    public static TraceFormatException Fails(byte[] content)
    {
        using var file = new TemporaryFile(content);
        return Assert.Throws<TraceFormatException>(() => TraceReader.Read(file.Path, new TraceOptions()));
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "tests", "data", "traces");
            if (Directory.Exists(data))
            {
                return data;
            }
        }

        throw new InvalidOperationException($"No tests/data/traces above {AppContext.BaseDirectory}.");
    }
}
