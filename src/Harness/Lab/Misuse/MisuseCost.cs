using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab.Misuse;

/// <summary>What a mistake costs in time, simulated beside the careful VMM on the same workloads with the same
/// seed.</summary>
internal sealed class MisuseCost
{
    private const ulong Seed = 1;

    private static readonly string[] s_workloads = ["mixed", "all-sync"];

    private readonly Encoding _encoding;
    private readonly Lazy<decimal?[]> _careful;

    public MisuseCost(Encoding encoding)
    {
        _encoding = encoding;
        _careful = new(() => [.. s_workloads.Select(w => Elapsed(_encoding, w))]);
    }

    /// <summary>How much longer the slowest of the workloads takes, as a share; null if one does not end.</summary>
    public decimal? Of(Mistake mistake)
    {
        var worst = 0m;
        foreach (var (workload, careful) in s_workloads.Zip(_careful.Value))
        {
            if (Elapsed(new MistakenEncoding(_encoding, mistake), workload) is not { } elapsed || careful is not > 0)
            {
                return null;
            }

            worst = Math.Max(worst, elapsed / careful.Value - 1);
        }

        return worst;
    }

    /// <summary>"+12.3 % on the slowest of mixed, all-sync".</summary>
    public static string Words(decimal cost) =>
        Invariant($"+{cost * 100:0.0} % on the slower of {string.Join(" and ", s_workloads)}");

    private static decimal? Elapsed(Encoding encoding, string workload)
    {
        var planned = WorkloadCatalog.BuiltIn.Plan(workload);
        try
        {
            using var simulator = new Simulator(encoding,
                planned.At(planned.Predict, planned.CommonPolicy).Workload, Prices.Default.Table, Seed);
            var result = simulator.Run();
            return result.HasViolation ? null : result.ElapsedNs;
        }
        catch (EncodingDefectException)
        {
            return null;
        }
    }
}
