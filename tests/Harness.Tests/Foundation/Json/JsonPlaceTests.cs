using System.Diagnostics;
using System.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Json;

namespace UapiLab.Harness.Tests.Foundation.Json;

public sealed class JsonPlaceTests
{
    [Fact]
    public void Lines_of_many_values_are_counted_in_one_pass()
    {
        var clock = Stopwatch.StartNew();
        var root = Parse("{\"a\":[\n" + string.Join(",\n", Enumerable.Repeat("1", 500_000)) + "]}");

        Assert.Equal("f:500001", root["a"].Items[^1].Place);
        Assert.Equal("f:500001: a[499999]: expected x, found 1", root["a"].Items[^1].Wrong("x").Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"{clock.Elapsed}: quadratic?");
    }

    [Theory]
    [InlineData("{\n\"\\ud800\":1}", 2)]
    [InlineData("{\"a\":\n[\"\\ud800\"]}", 2)]
    public void An_unpaired_surrogate_is_named_with_its_line(string json, int line) =>
        Assert.Equal($"f:{line}: expected text in UTF-8", Assert.Throws<InputException>(() => Parse(json)).Message);

    [Fact]
    public void Invalid_utf8_is_named_with_its_line() =>
        Assert.Equal("f:2: expected text in UTF-8",
            Assert.Throws<InputException>(() => JsonPlace.Parse("f", [.. "{\n\"a\":\""u8, 0xff, 0xfe, .. "\"}"u8]))
                .Message);

    [Theory]
    [InlineData("{\n\"a\": tru")]
    [InlineData("[\n")]
    [InlineData("[\n0.")]
    public void What_cannot_be_read_is_quoted_shortly(string start)
    {
        var said = Assert.Throws<InputException>(() => Parse(start + new string('x', 10_000))).Message;

        Assert.StartsWith("f:2: expected JSON, found ", said, StringComparison.Ordinal);
        Assert.InRange(said.Length, 1, 200);
    }

    [Fact]
    public void A_long_text_is_quoted_shortly() =>
        Assert.InRange(Parse($"\"{new string('x', 10_000)}\"").Wrong("y").Message.Length, 1, 120);

    [Fact]
    public void A_line_is_one_and_obeys_no_terminal()
    {
        Assert.Equal("name", Parse("\"name\"").Line());
        Assert.Throws<InputException>(() => Parse("\"a\\nb\"").Line());
        Assert.Equal("f:1: the document: expected one line without control characters, found 'a [2J'",
            Assert.Throws<InputException>(() => Parse("\"a\\u001b[2J\"").Line()).Message);
    }

    private static JsonPlace Parse(string json) => JsonPlace.Parse("f", Encoding.UTF8.GetBytes(json));
}
