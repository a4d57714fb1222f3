using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking;

/// <summary>Checks an encoding on an instance: searches, and writes the history of what it found.</summary>
public static class Checker
{
    /// <summary>Names of all properties, in the order of reports.</summary>
    public static IReadOnlyList<PropertySpec> Properties { get; } = PropertiesOf([]);

    /// <summary>Those, and what was brought.</summary>
    public static IReadOnlyList<PropertySpec> PropertiesOf(IReadOnlyList<IProperty> brought) =>
        [.. MachineProperty.Of(new CheckInstance { Watched = brought }).Select(p => p.Spec)];

    private const long StatesToLearnFrom = 150_000;

    /// <summary>After so many states, and four times as many each time, a search looks whether it has learned
    /// something.</summary>
    private const long FirstReview = 4_000;

    /// <summary>A search without reductions ends after so many times the states.</summary>
    private const int MostGrowth = 10;

    /// <summary>Runs the check.</summary>
    /// <exception cref="Machines.Execution.EncodingDefectException">The encoding breaks the contract.</exception>
    public static CheckOutcome Run(Encoding encoding, CheckInstance instance, SearchOptions options)
    {
        var outcome = Reduced(encoding, instance, options);
        return outcome.IsBroken || !outcome.Result.IsExhausted || !instance.IsReduced
            || outcome.Result.Transitions >= options.RepeatsBelow
                ? outcome : Confirmed(outcome, encoding, options);
    }

    /// <summary>What a search without reductions says of what they let hold. Where the two differ, it is the one to
    /// believe.</summary>
    private static CheckOutcome Confirmed(CheckOutcome reduced, Encoding encoding, SearchOptions options)
    {
        var whole = Reduced(encoding, reduced.Instance.Unreduced,
            options with
            {
                MaxStates = Math.Min(options.MaxStates, reduced.Result.States * MostGrowth),
                Elsewhere = null, // so small a search is done sooner here
            });
        var repetition = Repetition.Of(reduced.Result, whole.Result);
        return (repetition.Differing.Count == 0 ? reduced : whole) with { Repetition = repetition };
    }

    private static CheckOutcome Reduced(Encoding encoding, CheckInstance instance, SearchOptions options)
    {
        var model = new MachineModel(encoding, instance);
        var result = Search(model, options, out var searches);
        var modelOfCycle = model;
        if (instance is { Symmetric: true, Watched.Count: 0, Vcpus: > 1 }
            && result.Properties.Any(p => IsOfCycles(p.Property) && p.Verdict == PropertyVerdict.Broken))
        {
            modelOfCycle = new(encoding, instance with { Symmetric = false });
            result = WithCycleOf(modelOfCycle, result, options);
        }

        var histories = result.Properties
            .Where((p, i) => p.Verdict == PropertyVerdict.Broken
                || (p.Verdict == PropertyVerdict.Seen && (options.Shown >> i & 1) != 0))
            .Select(p => HistoryOf(IsOfCycles(p.Property) ? modelOfCycle : model, p,
                options with { Ignored = options.Ignored | NotAsked(instance) }))
            .OfType<History>()
            .ToArray();
        return new(encoding.Description.FullName, instance, result, histories, searches)
        {
            ComputesWithTokens = model.ComputesWithTokens,
            GrowingWords = result.Bound is null || histories.Length > 0 ? [] : GrowingWords.Of(encoding, instance),
            KernelDifferences = [.. DifferencesOfKernel(encoding, instance, result, options)],
        };
    }

    /// <summary>The rules that this kernel does not keep yet, and which broken property holds where they are
    /// kept.</summary>
    private static IEnumerable<string> DifferencesOfKernel(Encoding encoding, CheckInstance instance,
        SearchResult result, SearchOptions options)
    {
        var missing = Rules.Breakable.Where(RuleSet.UnkeptBy(instance.Kernel).Contains).ToArray();
        foreach (var rule in missing)
        {
            yield return $"{instance.Kernel} lacks {rule.Id}: {rule.What} ({rule.Kernels})";
        }

        if (missing.Length == 0 || result.Properties.All(p => p.Verdict != PropertyVerdict.Broken))
        {
            yield break;
        }

        var newest = Search(new(encoding, instance.On(KernelVersion.Newest)), options, out _);
        foreach (var (old, now) in result.Properties.Zip(newest.Properties)
            .Where(both => both.First.Verdict == PropertyVerdict.Broken
                && both.Second.Verdict != PropertyVerdict.Broken))
        {
            yield return $"{old.Property.Name} {now.Verdict.Words()} on {KernelVersion.Newest}";
        }
    }

    /// <summary>The search alone, again and again until it taught nothing new of how the encoding guards its
    /// words.</summary>
    internal static SearchResult Search(MachineModel model, SearchOptions options, out int searches,
        long statesToLearnFrom = StatesToLearnFrom)
    {
        var notAsked = NotAsked(model.Instance);
        options = options with { Ignored = options.Ignored | notAsked };
        var some = Math.Min(statesToLearnFrom, options.MaxStates);
        // Most of what there is to learn shows in a few thousand states, long before it would make a whole search void.
        var isTaught = options.DepthFirst > 0;
        long begunAnew = 0;
        while (isTaught && Teaches(model, options, some, ref begunAnew))
        {
        }

        while (!isTaught && options.Elsewhere is not null)
        {
            var before = SearchOrLearn(model, options with { Liveness = false, Progress = null }, some,
                ref begunAnew, out isTaught);
            begunAnew += isTaught ? 0 : before.States;
        }

        SearchResult? result = null;
        object learned;
        searches = 0;
        do
        {
            begunAnew += result?.States ?? 0;
            learned = model.Learned;
            result = options.DepthFirst > 0 ? DepthFirst.Run(model, options)
                : isTaught ? Exhaust(model, options)
                : SearchOrLearn(model, options, some, ref begunAnew, out isTaught);
            searches += isTaught ? 1 : 0;
        }
        while (!isTaught || (!learned.Equals(model.Learned)
            && (result.IsExhausted || result.Properties.Any(p => p.Verdict == PropertyVerdict.Broken))));

        if (result.IsExhausted && result.CollisionBound > StateHash.MostCollisions)
        {
            var second = options with { Hash = options.Hash.Second };
            result = result.With(options.DepthFirst > 0 ? DepthFirst.Run(model, second) : Exhaust(model, second));
            searches++;
        }

        return result with
        {
            StatesBegunAnew = begunAnew,
            Properties = [.. result.Properties.Select((p, i) => (notAsked >> i & 1) == 0 ? p
            : p with { Verdict = !model.Asked[i].AppliesTo(model.Instance) ? PropertyVerdict.DoesNotApply
                : PropertyVerdict.NotAsked, Path = null })]
        };
    }

    private static SearchResult Exhaust(MachineModel model, SearchOptions options) =>
        options.Elsewhere is { } search ? search(model, options) : BreadthFirst.Run(model, options);

    /// <summary>A search that ends early if the first states teach something. If they do not, it is what a search after
    /// learning from so many states would have been.</summary>
    private static SearchResult SearchOrLearn(MachineModel model, SearchOptions options, long some,
        ref long begunAnew, out bool isTaught)
    {
        object learned = model.Learned;
        var isPast = false;
        long next = FirstReview;
        var result = BreadthFirst.Run(model, options with
        {
            IsVoid = states =>
            {
                if (isPast || states < Math.Min(next, some))
                {
                    return false;
                }

                next = states * 4;
                isPast = states >= some && learned.Equals(model.Learned);
                return !learned.Equals(model.Learned) || (isPast && options.Elsewhere is not null);
            },
        });
        isTaught = isPast
            || (learned.Equals(model.Learned) && (result.IsExhausted || !Teaches(model, options, some, ref begunAnew)));
        return result;
    }

    /// <summary>Looks at so many states, whatever is broken in them; whether that taught something new.</summary>
    private static bool Teaches(MachineModel model, SearchOptions options, long states, ref long begunAnew)
    {
        object learned = model.Learned;
        begunAnew += BreadthFirst.Run(model,
            options with { MaxStates = states, Liveness = false, StopAtFirst = false, Progress = null }).States;
        return !learned.Equals(model.Learned);
    }

    /// <summary>Around a cycle under renaming one vCPU's steps can pass for another's, and one that stands still for
    /// one that goes on: a cycle found there is looked for again under the names that actors really have, and what that
    /// says counts.</summary>
    private static SearchResult WithCycleOf(MachineModel named, SearchResult renamed, SearchOptions options)
    {
        var result = Search(named, options with { Ignored = named.Properties.Bits(p => !IsOfCycles(p)) }, out _);
        return renamed with
        {
            Properties = [.. renamed.Properties.Zip(result.Properties, (r, n) => IsOfCycles(r.Property) ? n : r)],
            Bound = renamed.Bound ?? result.Bound,
        };
    }

    private static bool IsOfCycles(PropertySpec property) => property.Kind == PropertyKind.Eventually;

    /// <summary>What a hostile VMM does to its own guest is no fault of the interface.</summary>
    private static ulong NotAsked(CheckInstance instance) => MachineProperty.Of(instance)
        .Bits(p => (p.NeedsUserspace && instance.IsHostile) || !p.AppliesTo(instance));

    /// <summary>Random schedules instead of a search: a break is found or it is not; nothing is decided.</summary>
    public static (WalkResult Result, History? History) Walk(Encoding encoding, CheckInstance instance,
        WalkOptions options, Func<bool> stop)
    {
        return WalkOf(encoding, instance, options, WalkChunks(encoding, instance, options, _ => true, stop));
    }

    /// <summary>Chunks of random schedules, each of which can be walked anywhere.</summary>
    public static int ChunksOf(WalkOptions options) => RandomWalks.ChunksOf(options);

    /// <summary>Walks some of them; null for those that it does not, or that come after one that breaks
    /// something.</summary>
    public static IReadOnlyList<WalkResult?> WalkChunks(Encoding encoding, CheckInstance instance,
        WalkOptions options, Func<int, bool> takes, Func<bool> stop)
    {
        var model = new MachineModel(encoding, instance);
        return RandomWalks.Run(model.CreateWalk, Always(model), options, takes, stop);
    }

    /// <summary>What the chunks came to together.</summary>
    public static (WalkResult Result, History? History) WalkOf(Encoding encoding, CheckInstance instance,
        WalkOptions options, IEnumerable<WalkResult?> chunks)
    {
        var model = new MachineModel(encoding, instance);
        var result = RandomWalks.Sum(chunks);
        return (result, result.FirstBroken < 0 ? null
            : HistoryBuilder.OfWalk(model, options, result, Always(model)));
    }

    private static ulong Always(MachineModel model) => model.Properties.Bits(p => p.Kind == PropertyKind.Always);

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
            result = Exhaust(named,
                options with { StopAtFirst = property.Kind == PropertyKind.Always, Ignored = ~(1UL << index) });
        }
        while (!learned.Equals(named.Learned));
        if (result.Properties[index].Path is { } path)
        {
            return HistoryBuilder.Build(named, property, path);
        }

        return result.IsExhausted
            ? throw new EncodingDefectException(
                $"{property.Name} breaks only if frames and vCPUs may be renamed: some region holds other things than "
                + $"it declares (RegionSpec.Holds); --no-symmetry decides")
            : null;
    }
}
