using System.Text.Json.Nodes;
using UapiLab.Cli.Published;
using UapiLab.Encodings;
using UapiLab.Harness.Lab.Published;
using UapiLab.Tests;

namespace UapiLab.Cli.Tests;

/// <summary>docs/schemas, held to what the program writes.</summary>
public sealed class SchemaTests
{
    private const string Folder = "docs/schemas";

    /// <summary>Members that are left out where there is nothing to say.</summary>
    private static readonly string[] s_optional =
    [
        "concerns cell.doesNotArise", "concerns cell.speedAtOnce", "concerns evidence.curve", "concerns points.mean",
        "concerns points.low", "concerns points.high", "concerns crossings.low", "concerns crossings.high",
        "shard cell.doesNotArise",
    ];

    private static readonly Dictionary<string, Func<CommandLine, Task<string[]>>> s_documents = new()
    {
        ["report"] = async line => [(await PageTests.OneReport.Made).Json,
            (await line.Compare("single-bit", "--workload", "all-sync:pages=4", "--json", "--quiet")).Out],
        ["check"] = async line => [(await Check(line, "--keep-going")).Out,
            await Print("check", "never-async", "--instance", "tasks:vcpus=1,tasks=1", "--max-states", "2", "--json",
                "--out", line.Path("none"), "--quiet"),
            await Print("check", "never-async", "--knowledge", "--json", "--out", line.Path("none"), "--quiet"),
            await Print("check", "never-async", "--misuse", "--json", "--out", line.Path("none"), "--quiet"),
            await Print([.. ShardTests.Walks, "--json", "--out", line.Path("walks")])],
        ["concerns"] = async line => [await Print("concerns", "never-async", "single-bit", "C1", "C10", "C13", "--out",
            line.Path("out"), "--json")],
        ["conform"] = async line => [await Print("conform", line.Write("good.trace", ConformTests.Good),
            line.Write("bad.trace", ConformTests.Bad), "--json")],
        ["history"] = async line =>
        {
            await Check(line);
            return [.. Directory.GetFiles(line.Path("out"), "*.trace.json").Select(File.ReadAllText)];
        },
        ["uapi"] = async _ => [await Print("uapi", "single-bit", "--json"), await Print("uapi", "async-hint", "--json"),
            await Print("uapi", "exitless", "--json")],
        ["published"] = _ =>
        {
            var series = PublishedPlan.Series(new(BuiltInEncodings.All)).Take(1).ToArray();
            var results = PublishedComparison.Run(PublishedPlan.Rows(), series, PublishedPlan.Costs, seed: 1);
            return Task.FromResult<string[]>([PublishedJson.Write(results, results)]);
        },
        ["shard"] = async line =>
        {
            await ShardTests.Do(line, ShardTests.Walks, of: 2);
            var compared = await CommandLine.Run("compare", "single-bit", "--workload", "all-sync:pages=4", "--seeds",
                "2", "--cells-only", "--proposals", line.Folder("proposals"), "--shard", "1/1", "--out",
                line.Path("shards"));
            Assert.Equal(0, compared.Exit);
            return [.. Directory.GetFiles(line.Path("shards")).Select(File.ReadAllText)];
        },
        ["calibrate"] = async _ => [await CalibrateTests.Json()],
        ["live"] = async _ => await LiveTests.Json(),
        ["list"] = async _ => [await Print("list", "--json")],
    };

    /// <summary>Every document, by the name of its schema.</summary>
    private static readonly Func<string, Task<string[]>> s_written = Once.For<string, Task<string[]>>(async kind =>
    {
        using var line = new CommandLine();
        var documents = await s_documents[kind](line);
        Assert.NotEmpty(documents);
        return documents;
    });

    /// <summary>What commands wrote, for other tests of it.</summary>
    internal static Task<string[]> Written(string kind) => s_written(kind);

    public static TheoryData<string> Kinds => [.. s_documents.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_written_is_as_its_schema_says(string kind)
    {
        var schema = Schema(kind);

        Assert.All(await s_written(kind), document => Assert.Empty(schema.Complaints(document)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_value_of_another_kind_is_found_wherever_it_stands(string kind)
    {
        var schema = Schema(kind);
        foreach (var document in await s_written(kind))
        {
            var places = new HashSet<string>();
            var root = JsonNode.Parse(document)!;
            foreach (var (parent, key) in Members(root).ToArray())
            {
                // The elements of a list are alike: one for each member is enough.
                if (!places.Add(string.Join('.', parent.GetPath().Split('.').Select(p => p.Split('[')[0])) + "." + key))
                {
                    continue;
                }

                var was = parent[key];
                parent[key] = new JsonObject { ["odd"] = new JsonArray() };
                Assert.NotEmpty(schema.Complaints(root.ToJsonString()));
                parent[key] = was;
            }
        }
    }

    [Fact]
    public void A_schema_requires_what_it_names_but_for_what_is_left_out_at_times() => Assert.Equal(s_optional,
        s_documents.Keys.SelectMany(kind => Schema(kind).Optional().Select(m => $"{kind} {m}")));

    [Fact]
    public void Every_schema_is_tried_and_listed()
    {
        var files = Directory.GetFiles(Path.Combine(GeneratedDoc.Root(), Folder)).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(s_documents.Keys.Select(k => k + ".schema.json").Order(StringComparer.Ordinal), files);
        GeneratedDoc.Check("docs/cli.md", "schemas", s_documents.Keys.Select(kind =>
            $"- [{kind}](schemas/{kind}.schema.json): {Schema(kind).Title}"));
    }

    [Fact]
    public async Task Another_reader_of_schemas_finds_the_same()
    {
        Tool.PythonJsonSchema.Require();
        using var line = new CommandLine();
        foreach (var kind in s_documents.Keys)
        {
            foreach (var (at, document) in (await s_written(kind)).Index())
            {
                line.Write($"{at}.{kind}.json", document);
            }
        }

        var (exit, output, error) = Tool.Run(GeneratedDoc.Root(), "", "python3", "-c",
            """
            import glob, json, os, sys
            from jsonschema import Draft202012Validator as Validator
            for path in sorted(glob.glob(sys.argv[1] + "/*.json")):
                kind = os.path.basename(path).split(".")[1]
                schema = json.load(open(f"docs/schemas/{kind}.schema.json"))
                Validator.check_schema(schema)
                document = json.load(open(path))
                Validator(schema).validate(document)
                document[schema["required"][-1]] = {"odd": []}
                print(kind, Validator(schema).is_valid(document))
            """, line.Path(""));

        Assert.True(exit == 0, error);
        Assert.Equal(s_documents.Keys.Select(k => k + " False").Order(StringComparer.Ordinal),
            output.TrimEnd().Split('\n').Distinct().Order(StringComparer.Ordinal));
    }

    private static JsonSchema Schema(string kind) => JsonSchema.Read($"{Folder}/{kind}.schema.json");

    private static Task<CommandLine.Outcome> Check(CommandLine line, params string[] args) => CommandLine.Run(
        ["check", "single-bit:variant=as-posted", "--instance", "careless:vcpus=1,tasks=1", "--json", "--out",
            line.Path("out"), "--quiet", .. args]);

    private static async Task<string> Print(params string[] args)
    {
        var (exit, output, error) = await CommandLine.Run(args);
        Assert.True(exit is not (ExitCode.BadInput or ExitCode.Internal), error);
        return output;
    }

    private static IEnumerable<(JsonObject Parent, string Key)> Members(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => Members(m.Value).Prepend((members, m.Key))),
        JsonArray elements => elements.SelectMany(Members),
        _ => [],
    };
}
