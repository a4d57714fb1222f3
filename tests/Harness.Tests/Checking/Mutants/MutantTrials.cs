using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>What became of a mutant.</summary>
/// <param name="Mutant">Which.</param>
/// <param name="FoundBy">The property that is broken, or that is seen of the original and never of the mutant, or
/// <see cref="MutantTrials.Stopped"/>; null if it survived.</param>
/// <param name="On">The instance on which it was found.</param>
/// <param name="Undecided">Instances that it survived only as far as they were searched.</param>
internal sealed record MutantFate(Mutant Mutant, string? FoundBy, string? On, IReadOnlyList<string> Undecided);

/// <summary>Tries the mutants of one encoding. Several may be tried at a time.</summary>
internal sealed class MutantTrials
{
    /// <summary>In place of a property: the machine stopped, because a rule of the contract was broken or a loop never
    /// ended.</summary>
    public const string Stopped = "stopped";

    /// <summary>Few: on machines this small, looking twice costs as much as being wrong once.</summary>
    private const long StatesToLearnFrom = 3_000;

    private readonly SearchOptions _options;
    private readonly Dictionary<CheckInstance, SearchResult> _originals;

    /// <summary>Looks at the original first.</summary>
    /// <param name="original">The encoding whose mutants they are.</param>
    /// <param name="options">How far to search on each instance.</param>
    public MutantTrials(Encoding original, SearchOptions options)
    {
        this._options = options;
        _originals = Enum.GetValues<MutantKind>().SelectMany(Mutants.InstancesFor).Distinct()
            .ToDictionary(i => i, i => Check(original, i));
    }

    /// <summary>How many states the original has on an instance, as far as it is searched.</summary>
    public long StatesOn(string instance) => _originals.Single(o => o.Key.Name == instance).Value.States;

    /// <summary>Checks the mutant on one instance after the other, the smallest first, until one finds it.</summary>
    public MutantFate Try(Mutant mutant)
    {
        var undecided = new List<string>();
        foreach (var instance in Mutants.InstancesFor(mutant.Kind).OrderBy(i => _originals[i].States))
        {
            try
            {
                var result = Check(mutant.Encoding, instance);
                if ((NameOf(result, PropertyVerdict.Broken) ?? Unseen(result, instance)) is { } property)
                {
                    return new(mutant, property, instance.Name, undecided);
                }

                if (!result.IsExhausted)
                {
                    undecided.Add(instance.Name);
                }
            }
            catch (EncodingDefectException)
            {
                return new(mutant, Stopped, instance.Name, undecided);
            }
        }

        return new(mutant, null, null, undecided);
    }

    /// <summary>A property that the original shows on the instance, and the mutant never.</summary>
    private string? Unseen(SearchResult result, CheckInstance instance) =>
        Names(result, PropertyVerdict.NeverSeen)
            .FirstOrDefault(Names(_originals[instance], PropertyVerdict.Seen).Contains);

    /// <summary>Runs that go round for ever are looked for where accesses are in order: a weaker order adds none worth
    /// its price.</summary>
    private SearchResult Check(Encoding encoding, CheckInstance instance) =>
        Checker.Search(new MachineModel(encoding, instance),
            _options with { Liveness = instance.Order == MemoryOrdering.Sc }, out _, StatesToLearnFrom);

    private static string? NameOf(SearchResult result, PropertyVerdict verdict) =>
        Names(result, verdict).FirstOrDefault();

    private static IEnumerable<string> Names(SearchResult result, PropertyVerdict verdict) =>
        result.Properties.Where(p => p.Verdict == verdict).Select(p => p.Property.Name);
}
