namespace UapiLab.Harness.Checking;

/// <summary>The parts of one step as texts, the same in every writer.</summary>
internal static class StepText
{
    /// <summary>What is written after the step from which the outcome could not be avoided.</summary>
    public const string Inevitable = "from here on the outcome can no longer be avoided";

    /// <summary>Source and rule: <c>SingleBitVmmHalf.cs:31</c>, <c>rule A5</c>; empty if it has neither.</summary>
    public static IEnumerable<string> Where(HistoryStep step)
    {
        if (step.Source is { } source)
        {
            yield return source;
        }

        if (step.Rule is { } rule)
        {
            yield return "rule " + rule;
        }
    }

    public static string Of(FieldChange change) => $"{change.Field}: {change.Before} -> {change.After}";

    public static string Of(string eventName) => "* " + eventName;

    public static string Of(History history, WaitingFor waiting) => waiting.WouldWake is { } wake
        ? $"{history.Lanes[waiting.Lane]} waits for {waiting.For}; it would have been woken by: {wake}"
        : $"{history.Lanes[waiting.Lane]} waits for {waiting.For}";
}
