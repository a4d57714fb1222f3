using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>The checker's verdict on one instance.</summary>
/// <param name="instance">Which.</param>
/// <param name="enoughStates">Not exhausted: so many states are looked at, and what is broken beyond them stays
/// unseen.</param>
internal sealed class EveryInterleaving(CheckInstance instance, long enoughStates = long.MaxValue) : ConformanceProperty
{
    public override string Name => "every-interleaving-" + instance.Name;

    private bool IsBounded => enoughStates < long.MaxValue;

    public override string Doc => IsBounded
        ? Invariant(
            $"The first {enoughStates:N0} states of the checker's instance {instance.Name} keep every property.")
        : $"Every interleaving of the checker's instance {instance.Name} keeps every property, livelock included.";

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        CheckOutcome? outcome = null;
        var breach = BreachOf(() => outcome = Explore(encoding, settings));
        if (outcome is null)
        {
            return Failure(breach);
        }

        if (outcome.Histories.FirstOrDefault() is { } history)
        {
            return Failure(new ContractBreach(history.Property,
                $"in {history.Steps.Count} steps of instance {instance.Name}"), HistoryText.Write(history));
        }

        return !outcome.Result.IsExhausted && !IsBounded && !settings.AllowsUndecided
            ? Failure(new ContractBreach("not-decided",
                $"instance {instance.Name} was given up: {outcome.Result.Bound}"))
            : null;
    }

    private CheckOutcome Explore(Encoding encoding, ConformanceSettings settings)
    {
        try
        {
            return Checker.Run(encoding, instance with { Broken = settings.Broken },
                new()
                {
                    MaxStates = Math.Min(enoughStates, settings.MaxStates),
                    Threads = settings.Threads,
                    Liveness = !IsBounded,
                    Stop = settings.GetsOn,
                });
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException)
        {
            throw new ContractBreach("not-decided",
                $"the search of instance {instance.Name} ended with {e.GetType().Name}: {e.Message}");
        }
    }
}
