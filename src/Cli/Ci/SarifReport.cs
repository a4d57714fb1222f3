using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Ci;

/// <summary>A line of a file; a file without one is meant as a whole.</summary>
/// <param name="Path">Relative to where the command ran, or absolute; with slashes.</param>
/// <param name="Line">From 1.</param>
internal sealed record SourceLine(string Path, int Line);

/// <summary>One result.</summary>
/// <param name="Rule">Rule of the lint, or property.</param>
/// <param name="Level">error, warning or note.</param>
/// <param name="Message">One or two sentences.</param>
/// <param name="Logical">Encoding and place, by name.</param>
/// <param name="Line">Where it shows; null if no source of it is at hand.</param>
/// <param name="Flow">Lines on the way, in order, with what happened there.</param>
internal sealed record SarifResult(string Rule, string Level, string Message, string Logical, SourceLine? Line,
    IReadOnlyList<(SourceLine Line, string Text)> Flow);

/// <summary>Results as SARIF 2.1.0, which code hosts show on the lines of a change.</summary>
internal static class SarifReport
{
    private const string Version = "2.1.0";
    private const string Schema = "https://json.schemastore.org/sarif-2.1.0.json";

    /// <param name="version">Of the tool.</param>
    /// <param name="rules">Every rule that was asked, with what it says.</param>
    /// <param name="results">What was found.</param>
    public static string Write(string version, IReadOnlyList<(string Id, string Doc)> rules,
        IReadOnlyList<SarifResult> results) => JsonText.Write(
        new Dictionary<string, object>
        {
            ["$schema"] = Schema,
            ["version"] = Version,
            ["runs"] = new[]
            {
                new
                {
                    tool = new
                    {
                        driver = new
                        {
                            name = CiFile.Mark,
                            version,
                            rules = rules.Select(r => new { id = r.Id, shortDescription = Text(r.Doc) }),
                        },
                    },
                    results = results.Select(Result),
                },
            },
        },
        JsonText.Readable);

    private static Dictionary<string, object> Result(SarifResult one)
    {
        var result = new Dictionary<string, object>
        {
            ["ruleId"] = one.Rule,
            ["level"] = one.Level,
            ["message"] = Text(one.Message),
            ["locations"] = new[] { Location(one.Line, one.Logical, null) },
        };
        if (one.Flow.Count > 0)
        {
            result["codeFlows"] = new[]
            {
                new
                {
                    threadFlows = new[]
                    {
                        new
                        {
                            locations = one.Flow.Select(f => new { location = Location(f.Line, null, f.Text) }),
                        },
                    },
                },
            };
        }

        return result;
    }

    private static Dictionary<string, object> Location(SourceLine? line, string? logical, string? message)
    {
        var location = new Dictionary<string, object>();
        if (line is not null)
        {
            location["physicalLocation"] = new
            {
                artifactLocation = new { uri = Reference(line.Path) },
                region = new { startLine = line.Line },
            };
        }

        if (logical is not null)
        {
            location["logicalLocations"] = new[] { new { fullyQualifiedName = logical } };
        }

        if (message is not null)
        {
            location["message"] = Text(message);
        }

        return location;
    }

    /// <summary>An absolute path with its scheme, and what has a meaning in a reference escaped.</summary>
    private static string Reference(string path) => (Path.IsPathRooted(path) ? "file://" : "")
        + string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static object Text(string text) => new { text };
}
