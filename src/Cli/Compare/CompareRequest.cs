using System.Globalization;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Machines;

namespace UapiLab.Cli.Compare;

/// <summary>The command line of <c>compare</c>, read but not yet understood.</summary>
internal sealed record CompareRequest
{
    /// <summary>Where proposals are looked for if nobody says.</summary>
    public const string DefaultProposals = "proposals";

    private const string Program = "dotnet run --project src/Cli -c Release --";

    public IReadOnlyList<string> Encodings { get; init; } = [];
    public IReadOnlyList<string> Workloads { get; init; } = [];
    public IReadOnlyList<string> Traces { get; init; } = [];
    public string TraceOptions { get; init; } = "";
    public string? Costs { get; init; }
    public VmmPolicy? Policy { get; init; }
    public ulong Seed { get; init; }
    public int Seeds { get; init; }
    public string Proposals { get; init; } = DefaultProposals;
    public bool CellsOnly { get; init; }
    public int Threads { get; init; }
    public string Directory { get; init; } = "";
    public bool Json { get; init; }
    public bool Quiet { get; init; }
    public IReadOnlyList<string> Plugins { get; init; } = [];

    /// <summary>What to say of an encoding that comes from a plugin, by its id.</summary>
    public IReadOnlyDictionary<string, string> PluginNotes { get; init; } = new Dictionary<string, string>();
    public IRemoteRuns? Remote { get; init; }

    /// <summary>The command that repeats it: whatever decides the result, seed and repetitions even where they are the
    /// defaults, and nothing else.</summary>
    public string Command()
    {
        List<string> words = [Program, "compare", .. Encodings];
        void Option(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                words.Add(name);
                words.Add(value);
            }
        }

        foreach (var workload in Workloads)
        {
            Option("--workload", workload);
        }

        foreach (var plugin in Plugins)
        {
            Option("--plugin", plugin);
        }

        foreach (var trace in Traces)
        {
            Option("--trace", trace);
        }

        Option("--trace-options", TraceOptions);
        Option("--costs", Costs);
        Option("--policy", Policy?.ToString());
        Option("--proposals", Proposals == DefaultProposals ? null : Proposals);
        Option("--seed", Seed.ToString(CultureInfo.InvariantCulture));
        Option("--seeds", Seeds.ToString(CultureInfo.InvariantCulture));
        if (CellsOnly)
        {
            words.Add("--cells-only");
        }

        return string.Join(' ', words.Select((word, i) => i == 0 ? word : Quoted(word)));
    }

    /// <summary>As a POSIX shell reads it back.</summary>
    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
