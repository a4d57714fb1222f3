using System.Text;
using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Tests.Checking.Histories;

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

    [Theory]
    [MemberData(nameof(Names))]
    public void It_fits_every_page(string name)
    {
        var history = FoundHistories.Get(name).History;
        Assert.All(HistoryText.Write(history)
            .Split('\n'), line => Assert.True(line.Length <= HistoryText.DefaultWidth, line));
        Assert.All(HistoryMail.Write(history).Split('\n'), line => Assert.True(line.Length <= HistoryMail.Width, line));
        Assert.StartsWith("# ", HistoryMarkdown.Write(history), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_step_says_what_it_does(string name) =>
        Assert.All(FoundHistories.Get(name).History.Steps, step => Assert.NotEqual("", step.Text));
}
