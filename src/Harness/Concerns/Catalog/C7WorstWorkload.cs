using System.Globalization;

namespace UapiLab.Harness.Concerns;

/// <summary>C7.</summary>
internal sealed class C7WorstWorkload : Concern
{
    // One parameter after the other, each over its whole range, until a round changes nothing.
    private static readonly (string Name, string[] Values)[] s_parameters =
    [
        ("fetch", ["1us", "3us", "10us", "30us", "100us", "1ms", "10ms"]),
        ("sync", ["0", "0.25", "0.5", "0.75", "1"]),
        ("policy", ["resolve", "reenter", "wait(10us)"]),
        ("tasks", ["1", "2", "4"]),
        ("vcpus", ["1", "2", "8"]),
        ("prefetch", ["0", "4"]),
        ("think", ["1us", "10us", "100us"]),
    ];

    private const int MostRounds = 4;

    public override string Id => "C7";
    public override string Title => "no \"if x holds, y shouldn't be a problem\"";
    public override string Question => "On which workload does the encoding lose most against exit and block, and how much?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02";
    public override string Method => "A search, not a sample: parameter after parameter of `mixed` over its range, keeping the worst value, until a round changes nothing. "
        + "Holds: never slower than exit and block anywhere on the way; holds at a cost: the worst that was found. It is a lower bound on how bad it gets.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var chosen = s_parameters.Select(p => p.Values[p.Values.Length / 2]).ToArray();
        decimal? worst = null;
        for (var round = 0; round < MostRounds; round++)
        {
            var before = worst;
            for (var i = 0; i < s_parameters.Length; i++)
            {
                foreach (var value in s_parameters[i].Values)
                {
                    var kept = chosen[i];
                    chosen[i] = value;
                    if (bench.Speedup(Workload(chosen)) is not { } speedup || speedup.Mean >= worst)
                    {
                        chosen[i] = kept;
                    }
                    else
                    {
                        worst = speedup.Mean;
                    }
                }
            }

            if (worst == before)
            {
                break;
            }
        }

        var workload = Workload(chosen);
        var found = bench.Speedup(workload);
        var verdict = found is not { } f ? ConcernVerdict.NotDecided : f.High >= 1 ? ConcernVerdict.Holds : ConcernVerdict.HoldsAtACost;
        return new(Id, bench.Name, verdict, found is { } n ? string.Create(CultureInfo.InvariantCulture, $"worst {n.Mean:0.##}x") : "no run finished",
            [ConcernWords.Simulated(bench, workload, found, "speed against exit and block, worst found")]);
    }

    private static string Workload(string[] chosen) =>
        "mixed:pages=60," + string.Join(',', s_parameters.Select((p, i) => $"{p.Name}={chosen[i]}"));
}
