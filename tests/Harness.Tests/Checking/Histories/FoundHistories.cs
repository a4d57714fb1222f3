using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using UapiLab.TestKit.Broken;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>Histories that a search finds in seeded defects: each a few seconds once for all tests.</summary>
internal static class FoundHistories
{
    private static readonly Dictionary<string, Lazy<(Encoding Encoding, History History)>> s_found = new()
    {
        ["never-ready"] = Find("never-ready"),
        ["clear-at-exit"] = Find("clear-at-exit"),
        ["interrupts-off"] = Find("interrupts-off"),
        ["no-auto-completion"] = Find("no-auto-completion"),
        ["clear-at-exit tso"] = Find("clear-at-exit", MemoryOrdering.Tso),
        ["relaxed-publish weak"] = Find("relaxed-publish", MemoryOrdering.Weak),
    };

    public static TheoryData<string> Names => [.. s_found.Keys];

    public static (Encoding Encoding, History History) Get(string name) => s_found[name].Value;

    private static Lazy<(Encoding, History)> Find(string id, MemoryOrdering order = MemoryOrdering.Sc) => new(() =>
    {
        var defect = SeededDefects.All.Single(d => d.Id == id);
        var encoding = new EncodingRegistry([defect.Family]).Resolve(defect.Family.Id);
        var outcome =
            Checker.Run(encoding, CheckInstance.Quick with { Prefetcher = false, Environment = new(), Order = order },
                new());
        return (encoding, outcome.Histories.Single(h => h.Property == defect.FoundBy));
    });
}
