using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Comparisons;

/// <summary>One workload of a comparison, and how it can be varied.</summary>
/// <param name="Name">What tells two workloads of a plan apart.</param>
/// <param name="Base">The workload as it was named, under its own policy.</param>
/// <param name="AtPredict">The same workload at another accuracy of prediction, 0 to 1; null if it cannot be varied or
/// the user has fixed it.</param>
/// <param name="Predict">The accuracy of <paramref name="Base"/>.</param>
/// <param name="Notes">Remarks for the reader: what was assumed, what was rescaled, what the input did not say.</param>
public sealed record PlannedWorkload(
    string Name,
    Workload Base,
    Func<decimal, Workload>? AtPredict,
    decimal Predict,
    IReadOnlyList<string> Notes)
{
    /// <summary>The one policy under which every encoding is compared.</summary>
    public VmmPolicy CommonPolicy => Base.Config.Policy;

    /// <summary>The workload at an accuracy and under a policy, with the key under which its runs are stored.</summary>
    internal Variation At(decimal predict, VmmPolicy policy)
    {
        var workload = predict == Predict || AtPredict is null ? Base : AtPredict(predict);
        return new(new(Name, policy, predict), workload.WithPolicy(policy));
    }
}

/// <summary>A workload that can be run as it is.</summary>
internal sealed record Variation(VariationKey Key, Workload Workload);

/// <summary>What tells two variations of the workloads of a plan apart.</summary>
/// <param name="Workload">Name of the workload.</param>
/// <param name="Policy">Policy of the VMM.</param>
/// <param name="Predict">Accuracy of prediction, 0 to 1.</param>
public sealed record VariationKey(string Workload, VmmPolicy Policy, decimal Predict)
{
    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Workload}|{Policy}|{Predict.Normalised()}");
}
