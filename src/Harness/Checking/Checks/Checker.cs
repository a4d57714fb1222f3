using UapiLab.Abstractions;

namespace UapiLab.Harness.Checking;

/// <summary>Checks an encoding on an instance: searches, and writes the history of what it found.</summary>
public static class Checker
{
    /// <summary>Names of all properties, in the order of reports.</summary>
    public static IReadOnlyList<PropertySpec> Properties { get; } = [.. MachineProperty.All.Select(p => new PropertySpec(p.Name, p.Kind, p.Doc))];

    private const long StatesToLearnFrom = 30_000;

    /// <summary>Runs the check.</summary>
    /// <exception cref="Machines.EncodingDefectException">The encoding breaks the contract.</exception>
    public static CheckOutcome Run(Encoding encoding, CheckInstance instance, SearchOptions options)
    {
        var model = new MachineModel(encoding, instance);
        SearchResult result;
        var searches = 0;
        object learned;
        do
        {
            // Most of what there is to learn shows in a few thousand states, long before it would make a whole search void.
            learned = model.Learned;
            BreadthFirst.Run(model, options with { MaxStates = StatesToLearnFrom, Liveness = false, StopAtFirst = false, Progress = null });
        }
        while (!learned.Equals(model.Learned));

        do
        {
            learned = model.Learned;
            result = BreadthFirst.Run(model, options);
            searches++;
        }
        while (!learned.Equals(model.Learned)); // a path found on the way would not be one of the next search

        var histories = result.Properties
            .Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => HistoryBuilder.Build(model, MachineProperty.All.Single(m => m.Name == p.Property.Name), p.Path!))
            .ToArray();
        return new(encoding.Description.FullName, instance, result, histories, searches);
    }
}
