using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Testing.Properties;

namespace UapiLab.Testing;

/// <summary>The properties by name, for use without a test framework.</summary>
public static class ConformanceKit
{
    /// <summary>Cheap ones first: with a failure among them, the rest is noise. Real threads last: what they show may
    /// differ from run to run.</summary>
    internal static IReadOnlyList<ConformanceProperty> All =>
    [
        new StatelessHalves(), new ConsistentDescription(), new ZeroIsPlainKvm(), new ReservedIsRefused(),
            new ArmedFramesFault(), new IoctlsAreAtomic(),
        new FollowsTheContract(), new SurvivesHostileUserspace(), new KeepsTheRulesOnAnyMachine(),
            new SavesAndRestores(),
        new EveryInterleaving(KitInstances.CarelessVcpu), new EveryInterleaving(KitInstances.Publishers),
            new EveryInterleaving(KitInstances.Tso),
        new EveryInterleaving(KitInstances.Neighbours),
            new EveryInterleaving(KitInstances.RearmPage),
        new EveryInterleaving(KitInstances.Queue), new EveryInterleaving(KitInstances.Weak, KitInstances.WeakStates),
        new EveryInterleaving(KitInstances.RearmTasks), new EveryInterleaving(KitInstances.Quick),
        new SurvivesRealThreads(), new SurvivesHostileThreads(),
    ];

    /// <summary>Tried by name only: what takes minutes, and what an encoding may keep and need not.</summary>
    internal static IReadOnlyList<ConformanceProperty> OnRequest =>
        [.. KitInstances.Bigger.Select(i => new EveryInterleaving(i))];

    /// <summary>Name and meaning of each that every encoding must have.</summary>
    public static IReadOnlyList<KeyValuePair<string,
        string>> Properties
    { get; } = [.. All.Select(p => KeyValuePair.Create(p.Name, p.Doc))];

    /// <summary>Names of those that take well under a second together, in the order in which they are
    /// tried.</summary>
    public static IReadOnlyList<string> Quick { get; } = [.. All.Where(p => p.IsQuick).Select(p => p.Name)];

    /// <summary>Tries one property.</summary>
    /// <returns>Null if it holds.</returns>
    /// <exception cref="InputException">There is no property of this name.</exception>
    public static ConformanceFailure? Check(Encoding encoding, string property, ConformanceSettings? settings = null) =>
        (All.Concat(OnRequest).FirstOrDefault(p => p.Name == property)
            ?? throw new InputException(property, "expected one of "
            + string.Join(", ", Properties.Select(p => p.Key))))
            .Check(encoding, settings ?? ConformanceSettings.Default);
}
