using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class SectionTests
{
    private static readonly KnowledgeTable s_knowledge = new()
    {
        Title = "Who knows what, and when",
        Parties = ["KVM", "VMM: exit handler", "VMM: I/O thread", "guest"],
        Facts =
        [
            new("gfn 1 has been asked for", [2, 3, 1, null]),
            new("the fetch of gfn 1 completes before anybody could sleep for it", [null, null, 5, null]),
            new("the guest was told to wait", [9, null, null, 12]),
            new("gfn 1 belongs to the guest", [0, 0, 0, 0]),
        ],
    };

    private static readonly WitnessPair s_pair = new()
    {
        Title = "One bit cannot tell KVM whether waiting pays",
        Viewer = "KVM at the fault on gfn 1",
        CommonView = ["userfault_bitmap[0] = 0x2", "no APF for gfn 1 on vCPU 0"],
        First = SampleHistory.FourLanes with
        {
            Steps = [.. SampleHistory.FourLanes.Steps.Take(3)],
            Outcome = "The page is 10 ms away."
        },
        FirstNeed = "an APF",
        Second = SampleHistory.FourLanes with
        {
            Steps = [.. SampleHistory.FourLanes.Steps.Skip(4).Take(2)],
            Outcome = "The page is there before KVM_RUN returns to the guest."
        },
        SecondNeed = "no APF",
    };

    [Fact]
    public void Knowledge_in_a_mail() => GoldenFile.Check("knowledge-mail", Fits(KnowledgeText.Mail(s_knowledge)));

    [Fact]
    public void Knowledge_in_Markdown() => GoldenFile.Check("knowledge-markdown", KnowledgeText.Markdown(s_knowledge));

    [Fact]
    public void Knowledge_of_many_parties_is_a_list()
    {
        var many = s_knowledge with
        {
            Parties = [.. Enumerable.Range(0, 12).Select(i => $"party {i}")],
            Facts = [new("a fact", [.. Enumerable.Range(0, 12).Select(i => (int?)i)])]
        };

        var text = Fits(KnowledgeText.Mail(many));

        Assert.Contains("- a fact\n", text, StringComparison.Ordinal);
        Assert.Contains("party 0: start, party 1: 1,", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Witnesses_in_a_mail() => GoldenFile.Check("witness-mail", Fits(WitnessText.Mail(s_pair)));

    [Fact]
    public void Witnesses_in_Markdown() => GoldenFile.Check("witness-markdown", WitnessText.Markdown(s_pair));

    private static string Fits(string text)
    {
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= HistoryMail.Width, line));
        Assert.All(text.Replace("\n", "", StringComparison.Ordinal), c => Assert.InRange(c, ' ', '~'));
        return text;
    }
}
