using System.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Simulation;

public sealed class CostTableFileTests
{
    [Fact]
    public void Kinds_left_out_keep_their_defaults()
    {
        var table = Parse("""{ "vmExit": 1234 }""");

        Assert.Equal(1_234, table[Cost.VmExit].Ns);
        Assert.Equal(CostTable.Default.Entries.Skip(1), table.Entries.Skip(1));
    }

    [Fact]
    public void A_plain_number_has_no_range() =>
        Assert.Equal(
            new(Cost.VmExit, 7, 7, 7, CostOrigin.Assumed, "given in costs.json"),
            Parse("""{ "vmExit": 7 }""")[Cost.VmExit]);

    [Fact]
    public void An_object_gives_everything() =>
        Assert.Equal(
            new(Cost.TlbRewalk, 30, 10, 200, CostOrigin.Measured, "perf stat"),
            Parse("""{ "tlbRewalk": { "ns": 30, "low": 10, "high": 200, "origin": "measured", "source": "perf stat" } }""")[Cost.TlbRewalk]);

    [Theory]
    [InlineData("""{ "vmExit": { "ns": 5 } }""", 5, 5)]
    [InlineData("""{ "vmExit": { "ns": 5, "low": 1 } }""", 1, 5)]
    [InlineData("""{ "vmExit": { "high": 9, "ns": 5 } }""", 5, 9)]
    public void An_end_left_out_is_the_value(string json, long low, long high) =>
        Assert.Equal((low, high), (Parse(json)[Cost.VmExit].LowNs, Parse(json)[Cost.VmExit].HighNs));

    [Fact]
    public void Every_kind_can_be_written_and_read_back()
    {
        var json = "{" + string.Join(",\n", CostTable.Default.Entries.Select(e =>
            $$"""  "{{CostTableReader.NameOf(e.Kind)}}": { "ns": {{e.Ns}}, "low": {{e.LowNs}}, "high": {{e.HighNs}}, "origin": "{{e.Origin.ToString().ToLowerInvariant()}}", "source": "{{e.Source}}" }""")) + "}";

        Assert.Equal(CostTable.Default.Entries, Parse(json).Entries);
    }

    [Theory]
    [InlineData("", 1, "expected JSON, found ")]
    [InlineData("[]", 1, "expected an object from kind of cost to ns")]
    [InlineData("{\n \"vmExti\": 1 }", 2,
        "unknown kind of cost 'vmExti', did you mean 'vmExit'? expected one of vmExit, faultPath, ")]
    [InlineData("{\n\n \"vmExit\": -1 }", 3, "expected a whole number of ns from 0 to 1000000000000000 for 'vmExit'")]
    [InlineData("{ \"vmExit\": 1.5 }", 1, "expected a whole number of ns from 0 to 1000000000000000 for 'vmExit'")]
    [InlineData("{ \"vmExit\": 1e99 }", 1, "expected a whole number of ns from 0 to 1000000000000000 for 'vmExit'")]
    [InlineData("{\n \"vmExit\":\n \"1us\" }", 3,
        "expected ns as a number, or an object with ns, low, high, origin and source, for 'vmExit'")]
    [InlineData("{ \"vmExit\": null }", 1,
        "expected ns as a number, or an object with ns, low, high, origin and source, for 'vmExit'")]
    [InlineData("{ \"vmExit\": 1,\n \"vmExit\": 2 }", 2, "'vmExit' is given twice, expected once")]
    [InlineData("{ \"vmExit\": {\n \"low\": 3, \"ns\": 2\n } }", 1,
        "'vmExit' has low 3, ns 2 and high 3, expected low <= ns <= high")]
    [InlineData("{ \"vmExit\": {\n \"low\": 3, \"high\": 2, \"ns\": 2 } }", 1,
        "'vmExit' has low 3, ns 2 and high 2, expected low <= ns <= high")]
    [InlineData("{ \"vmExit\": { \"low\": 3 } }", 1, "'vmExit' has no ns, expected ns with low and high around it")]
    [InlineData("{ \"vmExit\": { \"ns\": 3,\n \"lo\": 1 } }", 2,
        "unknown property of vmExit 'lo', did you mean 'low'? expected one of ns, low, high, origin, source")]
    [InlineData("{ \"vmExit\": { \"ns\": 3, \"origin\": \"guess\" } }", 1,
        "unknown origin 'guess', expected one of measured, published, assumed")]
    [InlineData("{ \"vmExit\": { \"ns\": 3, \"source\": 1 } }", 1, "expected a string for 'source'")]
    [InlineData("{\n\n \"vmExit\": { \"ns\": 1, \"source\": \"\\ud800\" } }", 3, "expected text in UTF-8")]
    [InlineData("{\n \"\\ud800\": 1 }", 2, "expected text in UTF-8")]
    [InlineData("{\n \"vmExit\": 1,\n}", 3, "expected JSON, found ")]
    [InlineData("{\n \"vmExit\": 1\n", 3, "expected JSON, found ")]
    [InlineData("{}\n{}", 2, "expected JSON, found ")]
    public void Bad_input_is_named_with_file_and_line(string json, int line, string message)
    {
        var error = Assert.Throws<InputException>(() => Parse(json));

        Assert.Equal($"costs.json:{line}", error.Place);
        Assert.StartsWith($"costs.json:{line}: {message}", error.Message, StringComparison.Ordinal);
        Assert.Single(error.Message.Split('\n'));
    }

    [Fact]
    public void A_file_is_read_with_or_without_a_byte_order_mark()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(path, "\n{ \"kick\": 9, \"kikc\": 1 }",
                new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            Assert.Equal(path + ":2",
                Assert.Throws<InputException>(() => CostTableFile.Read(path, HostProfile.Default)).Place);
            File.WriteAllText(path, "{ \"kick\": 9 }");
            Assert.Equal(9, CostTableFile.Read(path, HostProfile.Default)[Cost.Kick].Ns);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_bad_input() =>
        Assert.StartsWith(
            "no/such/file.json: expected a cost table as a JSON file: ",
            Assert.Throws<InputException>(() => CostTableFile.Read("no/such/file.json", HostProfile.Default)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void What_a_file_leaves_out_is_the_hosts()
    {
        var host = HostProfile.Named("no-apicv");
        var table = Parse("""{ "vmExit": 1234 }""", host);

        Assert.Equal(host.Costs.Entries.Skip(1), table.Entries.Skip(1));
        Assert.NotEqual(CostTable.Default[Cost.IrqWindow], table[Cost.IrqWindow]);
    }

    private static CostTable Parse(string json, HostProfile? host = null) =>
        CostTableFile.Parse("costs.json", Encoding.UTF8.GetBytes(json), host ?? HostProfile.Default);
}
