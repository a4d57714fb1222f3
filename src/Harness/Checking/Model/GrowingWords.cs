using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Model;

/// <summary>Declared words that take many values, for a search that did not come to its end: a counter that runs on
/// makes the states endless. Looked for by random schedules, half of which always favour the same actors and give the
/// same answers, and so go round as long as they can.</summary>
internal static class GrowingWords
{
    private const uint Stream = 0x6203;
    private const int Schedules = 64;
    private const int Steps = 400;

    /// <summary>A word of so many values is worth a line; so many lines are worth reading.</summary>
    private const int ManyValues = 32;
    private const int MostNamed = 3;
    private const ulong MostWords = 64;

    /// <returns>Each with how many values it took, the one of the most first.</returns>
    public static IReadOnlyList<string> Of(Encoding encoding, CheckInstance instance)
    {
        using var walk = new MachineWalk(new MachineModel(encoding, instance));
        var values = new Dictionary<(int Region, ulong Index), HashSet<ulong>>();
        try
        {
            for (var schedule = 0; schedule < Schedules; schedule++)
            {
                Walk(walk, (ulong)schedule, values);
            }
        }
        catch (EncodingDefectException)
        {
            // The search says it if it comes to it.
        }

        return
        [
            .. values.Where(word => word.Value.Count >= ManyValues).OrderByDescending(word => word.Value.Count)
                .ThenBy(word => word.Key).Take(MostNamed)
                .Select(word => Invariant(
                    $"{walk.Machine.Regions[word.Key.Region].Name}[{word.Key.Index}] took {word.Value.Count} values")),
        ];
    }

    private static void Walk(MachineWalk walk, ulong schedule, Dictionary<(int, ulong), HashSet<ulong>> values)
    {
        walk.Reset();
        var isUniform = schedule % 2 == 0;
        uint drawn = 0;
        for (var step = 0; step < Steps && walk.Enabled is not 0 and var enabled; step++)
        {
            int[] actors = [.. Enumerable.Range(0, 64).Where(actor => (enabled >> actor & 1) != 0)];
            var next = isUniform ? actors[Pick(actors.Length)]
                : actors.MinBy(actor => CounterRandom.At(schedule, Stream, (ulong)actor));
            walk.Step(next, Pick);
            Note(walk, values);
        }

        int Pick(int choices) => (int)CounterRandom.Below(
            CounterRandom.At(schedule, Stream + 1, (ulong)choices, isUniform ? drawn++ : 0), (ulong)choices);
    }

    private static void Note(MachineWalk walk, Dictionary<(int, ulong), HashSet<ulong>> values)
    {
        foreach (var store in walk.Machine.Regions.Where(r => r.Spec.Scope != RegionScope.PerGfn))
        {
            for (var index = 0UL; index < Math.Min(store.Words, MostWords); index++)
            {
                if (!values.TryGetValue((store.Id, index), out var taken))
                {
                    values[(store.Id, index)] = taken = [];
                }

                taken.Add(store.Read(index));
            }
        }
    }
}
