using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Tests.Checking.Histories;

public sealed class HistoryJsonTests
{
    [Fact]
    public void Json() => GoldenFile.Check("json", HistoryJson.Write(SampleHistory.FourLanes));

    [Fact]
    public void The_sample_comes_back() =>
        AssertSame(SampleHistory.FourLanes, Read(HistoryJson.Write(SampleHistory.FourLanes)));

    [FsCheck.Xunit.Property(MaxTest = 300)]
    public Property Whatever_is_written_is_read() => Prop.ForAll(Histories.Any(), history =>
    {
        var text = HistoryJson.Write(history);
        AssertSame(history, Read(text));
        Assert.Equal(text, HistoryJson.Write(Read(text)));
        Assert.DoesNotContain('\r', text);
    });

    [Fact]
    public void Members_it_does_not_know_are_ignored() =>
        AssertSame(SampleHistory.FourLanes, Read(Changed(root => root["later"] = new JsonObject { ["a"] = 1 })));

    [Theory]
    [InlineData("format", "report.json:2: format: expected 'uapilab-history', found 'x'")]
    [InlineData("schemaVersion",
        "report.json:3: schemaVersion: expected an integer from 1 to 1, the only schema this version reads, found 'x'")]
    [InlineData("instance", "report.json:10: instance: expected an array, found 'x'")]
    [InlineData("inevitableFrom", "inevitableFrom: expected an integer from 0 to 12 (a step, or 0), found 'x'")]
    public void A_wrong_value_is_named_with_its_line(string member, string message) =>
        Assert.EndsWith(message.Replace("report.json", "h.json", StringComparison.Ordinal),
            Fails(Changed(root => root[member] = "x")), StringComparison.Ordinal);

    [Theory]
    [InlineData("property")]
    [InlineData("encodingVersion")]
    [InlineData("machineVersion")]
    [InlineData("lanes")]
    [InlineData("steps")]
    [InlineData("waiting")]
    [InlineData("beyondArmV8")]
    public void A_missing_member_is_named(string member) =>
        Assert.Equal($"h.json:1: expected a member {member}, found none", Fails(Changed(root => root.Remove(member))));

    [Fact]
    public void What_is_wrong_within_a_step_is_named_with_its_path()
    {
        Assert.EndsWith("steps[2].lane: expected an integer from 0 to 4 (a position among the 5 lanes), found 5",
            Fails(Changed(r => r["steps"]![2]!["lane"] = 5)), StringComparison.Ordinal);
        Assert.EndsWith("steps[4].number: expected an integer from 5 to 5 (steps are numbered from 1), found 4",
            Fails(Changed(r => r["steps"]![4]!["number"] = 4)), StringComparison.Ordinal);
        Assert.EndsWith("steps[7].choices[1]: expected an integer from 0, found -1",
            Fails(Changed(r => r["steps"]![7]!["choices"]![1] = -1)), StringComparison.Ordinal);
        Assert.EndsWith("steps[8].changes[0].after: expected a string, found null",
            Fails(Changed(r => r["steps"]![8]!["changes"]![0]!["after"] = null)), StringComparison.Ordinal);
        Assert.EndsWith("steps[0].source: expected a string or null, found 1.5",
            Fails(Changed(r => r["steps"]![0]!["source"] = 1.5)), StringComparison.Ordinal);
        Assert.EndsWith(
            "waiting[0].lane: expected an integer from 0 to 4 (a position among the 5 lanes), found a boolean",
            Fails(Changed(r => r["waiting"]![0]!["lane"] = true)), StringComparison.Ordinal);
        Assert.EndsWith("expected a member steps[3].actor, found none",
            Fails(Changed(r => r["steps"]![3]!.AsObject().Remove("actor"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_is_refused() =>
        Assert.EndsWith("expected an integer from 1 to 1, the only schema this version reads, found 2",
            Fails(Changed(r => r["schemaVersion"] = 2)), StringComparison.Ordinal);

    [Fact]
    public void Every_truncation_is_refused_in_one_line()
    {
        var bytes = Encoding.UTF8.GetBytes(HistoryJson.Write(SampleHistory.ThreeLanes));
        for (var length = 0; length < bytes.Length - 2; length++)
        {
            var error = Assert.Throws<InputException>(() => HistoryReader.Read("h.json", bytes.AsSpan(0, length)));
            Assert.DoesNotContain('\n', error.Message);
            Assert.StartsWith("h.json:", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[]", "h.json:1: the document: expected an object, found an array")]
    [InlineData("null", "h.json:1: the document: expected an object, found null")]
    [InlineData("{}", "h.json:1: expected a member format, found none")]
    public void Other_documents_are_refused(string text, string message) => Assert.Equal(message, Fails(text));

    /// <summary>Any byte may be broken: the answer is a history or one clear line.</summary>
    [FsCheck.Xunit.Property(MaxTest = 500)]
    public Property A_broken_byte_is_an_input_error_or_a_history()
    {
        var bytes = Encoding.UTF8.GetBytes(HistoryJson.Write(SampleHistory.FourLanes));
        return Prop.ForAll(Gen.Choose(0, bytes.Length - 1).ToArbitrary(), Gen.Choose(0, 255)
            .ToArbitrary(), (at, value) =>
        {
            var broken = bytes.ToArray();
            broken[at] = (byte)value;
            var error = Record.Exception(() => HistoryReader.Read("h.json", broken));
            Assert.True(error is null or InputException, error?.ToString());
        });
    }

    private static History Read(string text) => HistoryReader.Read("h.json", Encoding.UTF8.GetBytes(text));

    private static string Fails(string text) => Assert.Throws<InputException>(() => Read(text)).Message;

    private static string Changed(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(HistoryJson.Write(SampleHistory.FourLanes))!.AsObject();
        change(root);
        return root.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\n" });
    }

    private static void AssertSame(History expected, History actual) => Assert.Equal(Flat(expected), Flat(actual));

    /// <summary>Every value of a history, in order and with its type; null is not the empty string.</summary>
    private static List<object?> Flat(object? value)
    {
        var values = new List<object?>();
        switch (value)
        {
            case null or string or int or Enum:
                values.Add(value);
                break;
            case System.Collections.IEnumerable items:
                values.Add('[');
                foreach (var item in items)
                {
                    values.AddRange(Flat(item));
                }

                values.Add(']');
                break;
            default:
                values.AddRange(value.GetType().GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal)
                    .SelectMany(p => Flat(p.GetValue(value))));
                break;
        }

        return values;
    }
}
