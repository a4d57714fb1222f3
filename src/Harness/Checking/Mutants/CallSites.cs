using UapiLab.Abstractions;

namespace UapiLab.Harness.Checking;

/// <summary>
/// Numbers the accesses of one call of an operation. A stopped call is run again from the top, and of a loop with a checkpoint only
/// the last round; so each round has to begin with the numbers the first began with (docs/contract.md, "stopping").
/// </summary>
internal sealed class CallSites(HalfOperation operation)
{
    private readonly List<(int Label, Dictionary<(AccessVerb, Region), int> Counts)> loops = [];
    private Dictionary<(AccessVerb, Region), int> counts = [];

    public AccessSite Next(AccessVerb verb, Region region)
    {
        var occurrence = counts.GetValueOrDefault((verb, region)) + 1;
        counts[(verb, region)] = occurrence;
        return new(operation, verb, region, occurrence);
    }

    /// <summary>Loops entered so far, but for those that a later round of an outer one forgot.</summary>
    public int Loops => loops.Count;

    /// <summary>The head of a loop.</summary>
    /// <returns>False in the first round.</returns>
    public bool IsLaterRound(int label)
    {
        var loop = loops.FindLastIndex(l => l.Label == label);
        if (loop < 0)
        {
            loops.Add((label, new(counts)));
            return false;
        }

        counts = new(loops[loop].Counts);
        loops.RemoveRange(loop + 1, Loops - loop - 1);
        return true;
    }
}
