using System.Text;
using System.Text.Json.Nodes;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Tests.Fuzz;
using UapiLab.Pages;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>Whatever a file holds, <c>report</c> makes a page of it or refuses it in one line, and writes nothing
/// else.</summary>
public sealed class ReportFuzzTests : IDisposable
{
    private const int Few = 6;
    private const int Many = 1_000;

    private static readonly string[] s_values =
    [
        "null", "\"\"", "\"x\"", "\"../../x\"", "\"a\\nb\"", "-1", "0", "1e18", "1e28", "1e-28", "9223372036854775807",
        "true", "[]", "{}", "[null]",
    ];

    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    public static TheoryData<string> Kinds => ["report", "check", "concerns", "published"];

    /// <summary>What <c>report</c> takes, and some that it does not.</summary>
    public static TheoryData<string> Files => [.. Kinds.Select(k => k.Data), "conform", "uapi", "list", "history"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_document_with_a_value_that_is_odd_is_a_page_or_refused_in_one_line(string kind)
    {
        var documents = await SchemaTests.Written(kind);
        for (var number = 0; number < Cases; number++)
        {
            var random = new Random(number);
            var root = JsonNode.Parse(documents[number % documents.Length])!;
            var place = Damage(root, random);
            try
            {
                var page = ReportPage.Write(("f", Encoding.UTF8.GetBytes(root.ToJsonString())));
                Assert.StartsWith(ReportPage.Start, page, StringComparison.Ordinal);
            }
            catch (InputException e)
            {
                Assert.True(CleanText.IsLine(e.Message), e.Message);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{kind}, case {number}, at {place}: {e}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_damaged_file_is_a_page_or_refused_in_one_line_and_nothing_else_is_written(string kind)
    {
        byte[][] originals = [.. (await SchemaTests.Written(kind)).Select(Encoding.UTF8.GetBytes)];
        _line.Folder("in");
        var (file, page) = (_line.Write("in/a.json", ""), _line.Path("in/out/page.html"));
        for (var number = 0; number < Cases; number++)
        {
            // Case 0 is whole.
            File.WriteAllBytes(file, number == 0 ? originals[0] : Mutations.Of(originals, (ulong)number));
            var (exit, output, error) = await CommandLine.Run("report", file, "--html", page, "--quiet");

            Assert.True(exit == (Kinds.Any(k => k.Data == kind) && number == 0 ? ExitCode.Fine : exit), error);
            Assert.True(exit is ExitCode.Fine or ExitCode.BadInput, $"{kind}, case {number}: {exit} {error}");
            Assert.Equal("", output);
            Assert.Equal(exit == ExitCode.Fine ? 0 : 1, error.Count(c => c == '\n'));
            Assert.Equal(exit == ExitCode.Fine, File.Exists(page));
            Assert.Equal(exit == ExitCode.Fine ? [file, page] : [file],
                Directory.GetFiles(_line.Path(""), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
            if (exit == ExitCode.Fine)
            {
                File.Delete(page);
            }
        }
    }

    private static int Cases => int.TryParse(Environment.GetEnvironmentVariable("UAPILAB_FUZZ_CASES"), out var cases)
        ? cases : Repeats.AreWanted ? Many : Few;

    /// <returns>Where.</returns>
    private static string Damage(JsonNode root, Random random)
    {
        for (var node = root; ;)
        {
            string[] keys = node is JsonObject members ? [.. members.Select(m => m.Key)] : [];
            var next = random.Next(node is JsonArray elements ? elements.Count : keys.Length);
            var below = keys.Length > 0 ? node[keys[next]] : node[next];
            if (below is JsonArray { Count: > 0 } or JsonObject { Count: > 0 } && random.Next(8) > 0)
            {
                node = below;
                continue;
            }

            var odd = JsonNode.Parse(s_values[random.Next(s_values.Length)]);
            if (keys.Length > 0)
            {
                node[keys[next]] = odd;
                return $"{node.GetPath()}.{keys[next]}";
            }

            node[next] = odd;
            return $"{node.GetPath()}[{next}]";
        }
    }
}
