using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>Text form of a <see cref="VmmPolicy"/>; <see cref="VmmPolicy.ToString"/> writes it.</summary>
public static class PolicyText
{
    /// <summary>What <see cref="TryParse"/> reads, to follow "expected ".</summary>
    public const string Form = "resolve, reenter or wait(d) with a duration d such as 10us";

    /// <summary>An option's value as a VMM policy.</summary>
    /// <exception cref="InputException">It is none.</exception>
    internal static VmmPolicy Policy(this OptionText option) =>
        TryParse(option.Text, out var policy) ? policy : throw option.Wrong(Form);

    /// <summary>Reads <c>resolve</c>, <c>reenter</c> or <c>wait(10us)</c>.</summary>
    /// <returns>False for anything else.</returns>
    public static bool TryParse(string text, out VmmPolicy policy)
    {
        const string wait = "wait(";
        policy = text == "reenter" ? new(PolicyKind.ReenterThenResolve) : new(PolicyKind.ResolveThenReenter);
        if (text is "resolve" or "reenter")
        {
            return true;
        }

        if (text.StartsWith(wait, StringComparison.Ordinal)
            && text.EndsWith(')')
            && Durations.TryParse(text.AsSpan()[wait.Length..^1].Trim(' '), out var ns)
            && ns <= Distribution.MaxParameter)
        {
            policy = new(PolicyKind.WaitThenHandOff, ns);
            return true;
        }

        return false;
    }
}
