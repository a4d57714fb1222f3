using UapiLab.Harness.Machines;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Checking;

/// <summary>Checks an encoding on an instance: searches, and writes the history of what it found.</summary>
public static class Checker
{
    /// <summary>Names of all properties, in the order of reports.</summary>
    public static IReadOnlyList<PropertySpec> Properties { get; } = PropertiesOf([]);

    /// <summary>Those, and what was brought.</summary>
    public static IReadOnlyList<PropertySpec> PropertiesOf(IReadOnlyList<IProperty> brought) =>
        [.. MachineProperty.Of(new CheckInstance { Watched = brought }).Select(p => new PropertySpec(p.Name, p.Kind, p.Doc))];

    private const long StatesToLearnFrom = 150_000;

    private static readonly int s_livelock = MachineProperty.All.TakeWhile(p => p is not Livelock).Count();

    /// <summary>Runs the check.</summary>
    /// <exception cref="Machines.EncodingDefectException">The encoding breaks the contract.</exception>
    public static CheckOutcome Run(Encoding encoding, CheckInstance instance, SearchOptions options)
    {
        var model = new MachineModel(encoding, instance);
        var result = Search(model, options, out var searches);
        var modelOfCycle = model;
        if (instance is { Symmetric: true, Watched.Count: 0, Vcpus: > 1 } && result.Properties[s_livelock].Verdict == PropertyVerdict.Broken)
        {
            modelOfCycle = new(encoding, instance with { Symmetric = false });
            result = WithCycleOf(modelOfCycle, result, options);
        }

        var histories = result.Properties
            .Where((p, i) => p.Verdict == PropertyVerdict.Broken || (p.Verdict == PropertyVerdict.Seen && (options.Shown >> i & 1) != 0))
            .Select(p => HistoryOf(p.Property.Name == Properties[s_livelock].Name ? modelOfCycle : model, p, options with { Ignored = options.Ignored | NotAsked(instance) }))
            .OfType<History>()
            .ToArray();
        return new(encoding.Description.FullName, instance, result, histories, searches);
    }

    /// <summary>The search alone, again and again until it taught nothing new of how the encoding guards its words.</summary>
    internal static SearchResult Search(MachineModel model, SearchOptions options, out int searches, long statesToLearnFrom = StatesToLearnFrom)
    {
        var notAsked = NotAsked(model.Instance);
        options = options with { Ignored = options.Ignored | notAsked };
        SearchResult result;
        searches = 0;
        object learned;
        do
        {
            // Most of what there is to learn shows in a few thousand states, long before it would make a whole search void.
            learned = model.Learned;
            var some = Math.Min(statesToLearnFrom, options.MaxStates);
            BreadthFirst.Run(model, options with { MaxStates = some, Liveness = false, StopAtFirst = false, Progress = null });
        }
        while (!learned.Equals(model.Learned));

        do
        {
            learned = model.Learned;
            result = options.DepthFirst > 0 ? DepthFirst.Run(model, options) : BreadthFirst.Run(model, options);
            searches++;
        }
        while (!learned.Equals(model.Learned) && (result.IsExhausted || result.Properties.Any(p => p.Verdict == PropertyVerdict.Broken)));

        return result with { Properties = [.. result.Properties.Select((p, i) => (notAsked >> i & 1) == 0 ? p
            : p with { Verdict = !IsOf(model.Asked[i], model.Instance) ? PropertyVerdict.DoesNotApply : PropertyVerdict.NotAsked, Path = null })] };
    }

    /// <summary>Around a cycle under renaming one vCPU's steps can pass for another's, and one that stands still for one that goes
    /// on: a cycle found there is looked for again under the names that actors really have, and what that says counts.</summary>
    private static SearchResult WithCycleOf(MachineModel named, SearchResult renamed, SearchOptions options)
    {
        var result = Search(named, options with { Ignored = ~(1UL << s_livelock) }, out _);
        return renamed with
        {
            Properties = [.. renamed.Properties.Select((p, i) => i == s_livelock ? result.Properties[i] : p)],
            Bound = renamed.Bound ?? result.Bound,
        };
    }

    private static bool IsOf(MachineProperty property, CheckInstance instance) =>
        (!property.NeedsTracking || instance.TracksWrites) && (!property.NeedsRestore || instance.Restores is not null);

    /// <summary>What a hostile VMM does to its own guest is no fault of the interface; and who tracks no writes misses none.</summary>
    private static ulong NotAsked(CheckInstance instance) => MachineProperty.Of(instance)
        .Select((p, i) => (p.NeedsUserspace && instance.IsHostile) || !IsOf(p, instance) ? 1UL << i : 0)
        .Aggregate(0UL, (mask, bit) => mask | bit);

    /// <summary>Random schedules instead of a search: a break is found or it is not; nothing is decided.</summary>
    public static (WalkResult Result, History? History) Walk(Encoding encoding, CheckInstance instance, WalkOptions options, Func<bool> stop)
    {
        var model = new MachineModel(encoding, instance);
        ulong always = 0;
        for (var i = 0; i < model.Properties.Count; i++)
        {
            always |= model.Properties[i].Kind == PropertyKind.Always ? 1UL << i : 0;
        }

        var result = RandomWalks.Run(model.CreateWalk, always, options, stop);
        return (result, result.FirstBroken < 0 ? null : HistoryBuilder.OfWalk(model, options, result, always));
    }

    /// <returns>Null if the search without renaming ended at a bound before it found the break again.</returns>
    private static History? HistoryOf(MachineModel model, PropertyResult broken, SearchOptions options)
    {
        var index = model.IndexOf(broken.Property.Name);
        var property = model.Asked[index];
        if (HistoryBuilder.Build(model, property, broken.Path!) is { } history)
        {
            return history;
        }

        var named = new MachineModel(model.Encoding, model.Instance with { Symmetric = false });
        object learned;
        SearchResult result;
        do
        {
            learned = named.Learned;
            result = BreadthFirst.Run(named, options with { StopAtFirst = property.Kind == PropertyKind.Always, Ignored = ~(1UL << index) });
        }
        while (!learned.Equals(named.Learned));
        if (result.Properties[index].Path is { } path)
        {
            return HistoryBuilder.Build(named, property, path);
        }

        return result.IsExhausted
            ? throw new EncodingDefectException($"{property.Name} breaks only if frames and vCPUs may be renamed: some region holds other things than it declares (RegionSpec.Holds); --no-symmetry decides")
            : null;
    }
}
