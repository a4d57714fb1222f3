using System.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Files;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Tests.Uapi;

public sealed class UapiJsonTests
{
    public static IEnumerable<TheoryDataRow<string>> Encodings => Headers.Names;

    [Theory]
    [MemberData(nameof(Encodings))]
    public void What_was_written_is_read_back(string name)
    {
        UapiModel model = Headers.Model(name);
        string text = UapiJson.Write(model);
        UapiModel read = UapiJsonReader.Read("x.json", Encoding.UTF8.GetBytes(text));

        Assert.Equal(text, UapiJson.Write(read));
        Assert.Equal(CHeader.Write(model), CHeader.Write(read));
        Assert.Equal(ApiDoc.Write(model), ApiDoc.Write(read));
        Assert.Equal(UapiSize.Of(model), UapiSize.Of(read));
        Assert.Empty(UapiDiff.Compare(read, model));
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2",
        "x.json:3: schemaVersion: expected an integer from 1 to 1, the only schema this version reads, found 2")]
    [InlineData("\"format\": \"uapilab-uapi\"", "\"format\": \"history\"",
        "x.json:2: format: expected 'uapilab-uapi', found 'history'")]
    [InlineData("\"packed\": false", "\"packed\": 0", "expected true or false, found 0")]
    [InlineData("\"type\": \"__u64\",\n          \"offset\": 8", "\"type\": \"struct\",\n          \"offset\": 8",
        "expected members of the struct")]
    [InlineData("\"owner\": \"Shared\"", "\"owner\": \"0\"", "expected Shared or KvmPrivate or VmmPrivate, found '0'")]
    [InlineData("\"value\": \"1\"", "\"value\": \"-1\"",
        "expected a number of at most 64 bits, as a string, found '-1'")]
    [InlineData("\"elements\": 14", "\"elements\": 65537", "expected an integer from 0 to 65536")]
    public void What_is_wrong_is_said_where_it_stands(string right, string wrong, string message)
    {
        string text = UapiJson.Write(Headers.Model("multi-bit"))
            .Replace("\"elements\": 13", "\"elements\": 14", StringComparison.Ordinal);
        int at = text.IndexOf(right, StringComparison.Ordinal);
        Assert.True(at >= 0, right);

        InputException thrown =
            Assert.Throws<InputException>(
                () => UapiJsonReader.Read("x.json",
                Encoding.UTF8.GetBytes(text[..at] + wrong + text[(at + right.Length)..])));

        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
        Assert.StartsWith("x.json:", thrown.Message, StringComparison.Ordinal);
    }
}
