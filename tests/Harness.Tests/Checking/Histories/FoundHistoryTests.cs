using System.Text;
using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>What becomes of a history from the search to the file and back.</summary>
public sealed class FoundHistoryTests
{
    public static TheoryData<string> Names => FoundHistories.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_is_read_back_and_replayed_step_by_step(string name)
    {
        var (encoding, history) = FoundHistories.Get(name);
        var file = HistoryJson.Write(history);

        var read = HistoryReader.Read("h.json", Encoding.UTF8.GetBytes(file));
        var replayed = Replay.Run("h.json", read, encoding);

        Assert.Equal(file, HistoryJson.Write(read));
        Assert.Equal(file, HistoryJson.Write(replayed));
    }

    [Fact]
    public void ScratchCold()
    {
        if (Environment.GetEnvironmentVariable("COLD") is not { } d) return;
        foreach (var f in Directory.GetFiles(d, "*.json").Order())
        {
            var read = HistoryReader.Read(f, File.ReadAllBytes(f));
            var fam = UapiLab.TestKit.Broken.SeededDefects.All.First(x => x.Family.Id == read.Encoding).Family;
            var enc = new UapiLab.Harness.Registry.EncodingRegistry([fam]).Resolve(fam.Id);
            File.WriteAllText(f + ".cold", HistoryJson.Write(Replay.Run(f, read, enc)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_fits_every_page(string name)
    {
        var history = FoundHistories.Get(name).History;
        if (Environment.GetEnvironmentVariable("DUMP") is { } d) { File.WriteAllText(Path.Combine(d, name + ".json"), HistoryJson.Write(history)); File.WriteAllText(Path.Combine(d, name + ".txt"), HistoryText.Write(history)); File.WriteAllText(Path.Combine(d, name + ".mail"), HistoryMail.Write(history)); File.WriteAllText(Path.Combine(d, name + ".md"), HistoryMarkdown.Write(history)); }

        Assert.All(HistoryText.Write(history).Split('\n'), line => Assert.True(line.Length <= HistoryText.DefaultWidth, line));
        Assert.All(HistoryMail.Write(history).Split('\n'), line => Assert.True(line.Length <= HistoryMail.Width, line));
        Assert.StartsWith("# ", HistoryMarkdown.Write(history), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_step_says_what_it_does_and_an_access_of_the_encoding_where(string name)
    {
        var history = FoundHistories.Get(name).History;

        Assert.NotEmpty(history.Steps);
        Assert.All(history.Steps, step => Assert.NotEqual("", step.Text));
        Assert.All(history.Steps.Where(s => s.Text.StartsWith("load ", StringComparison.Ordinal)), step => Assert.Matches(@"^\w+\.cs:\d+", step.Source));
    }
}
