using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Concerns;

/// <summary>Encodings against concerns.</summary>
public static class ConcernMatrix
{
    /// <summary>Decides every cell of one encoding, in the order of the concerns.</summary>
    /// <param name="bench">With the encoding.</param>
    /// <param name="concerns">Which.</param>
    /// <param name="progress">Told before each cell.</param>
    public static IEnumerable<ConcernCell> Row(ConcernBench bench, IEnumerable<Concern> concerns, Action<Concern>? progress = null)
    {
        foreach (var concern in concerns)
        {
            progress?.Invoke(concern);
            ConcernCell cell;
            try
            {
                cell = concern.Decide(bench);
            }
            catch (EncodingDefectException e)
            {
                cell = new(concern.Id, bench.Name, ConcernVerdict.Broken, "breaks the contract", [new("breaks the contract: " + e.Message.ReplaceLineEndings(" "), $"check {bench.Name}")]);
            }

            yield return cell;
        }
    }
}
