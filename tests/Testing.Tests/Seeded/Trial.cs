using System.Reflection;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Testing.Tests.Seeded;

/// <summary>The same, run by a test that wants to see it fail.</summary>
/// <param name="encoding">Out of the plugin.</param>
/// <param name="brokenRules">Rules of KVM's own that the machine breaks; null = none.</param>
/// <param name="replay">Where to begin, as a failure printed it.</param>
internal sealed class Trial(Encoding encoding, string? brokenRules, string? replay = null) : SeededConformance(encoding)
{
    /// <summary>The tests of the kit in the order of its properties, cheap ones first.</summary>
    private static readonly IReadOnlyList<(string Property, MethodInfo Test)> s_tests =
        [.. ConformanceKit.All.Join(KitTests.All(), p => p.Name, t => t.Property, (_, t) => t)];

    protected override ConformanceSettings Settings => base.Settings with
    {
        Broken = RuleSet.Parse(brokenRules),
        Replay = replay,
        Cases = replay is null ? ConformanceSettings.Default.Cases : 1,
        MaxStates = Math.Max(base.Settings.MaxStates, 60_000),
    };

    /// <summary>Runs the tests of the kit until one fails.</summary>
    /// <returns>Its property, and what it printed; null if none does.</returns>
    public (string Property, string Message)? FirstFailure()
    {
        foreach (var (property, test) in s_tests)
        {
            if (MessageOf(test) is { } message)
            {
                return (property, message);
            }
        }

        return null;
    }

    /// <summary>Runs the test of one property.</summary>
    /// <returns>What it printed; null if it passes.</returns>
    public string? MessageOf(string property) => MessageOf(s_tests.Single(t => t.Property == property).Test);

    private string? MessageOf(MethodInfo test) => Record.Exception(test.CreateDelegate<Action>(this)) switch
    {
        null => null,
        ConformanceException failed => failed.Message,
        var other => throw other,
    };
}
