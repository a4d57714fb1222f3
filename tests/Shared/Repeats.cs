using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace UapiLab.Tests;

/// <summary>Whether tests also repeat, with more cases, what their first ones have shown. It takes minutes, so only
/// <c>.ci/run</c> and those who set the variable to 1 have it (README).</summary>
internal static class Repeats
{
    public const string Variable = "UAPILAB_TEST_REPEATS";

    public const string Reason = $"a repetition: only with {Variable}=1";

    public static bool AreWanted => Environment.GetEnvironmentVariable(Variable) == "1";
}

/// <summary>A row like those of <c>InlineData</c>, skipped without <see cref="Repeats"/>.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class RepeatDataAttribute(params object?[] data) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        string? skip = Repeats.AreWanted ? null : Repeats.Reason;
        return new([new TheoryDataRow(data) { Skip = skip }]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
