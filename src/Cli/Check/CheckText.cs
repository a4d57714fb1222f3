using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Check;

/// <summary>Verdicts of one check as text.</summary>
internal static class CheckText
{
    public static void Write(TextWriter output, CheckOutcome outcome, TimeSpan elapsed, IReadOnlyList<string> files,
        bool liveness, bool isShortest)
    {
        var result = outcome.Result;
        output.WriteLine($"{outcome.Encoding} on {outcome.Instance.Name}");
        output.WriteLine("  machine     "
            + string.Join("  ", outcome.Instance.Parameters.Skip(1).Select(p => $"{p.Key} {p.Value}")));
        output.WriteLine(Invariant(
            $"  covered     {result.States:N0} states, {result.Transitions:N0} transitions, depth {result.Depth}; ")
                + Invariant($"{(result.IsExhausted ? "exhausted" : "ended by " + result.Bound)}")
                + (result.ExpectedStates is var (least, most)
                    ? Invariant($", probably {Percent(most)} to {Percent(least)} % of all states") : "")
                + (result.IsExhausted || outcome.IsBroken || result.StatesBegunAnew <= result.States ? ""
                : Invariant($"; {result.StatesBegunAnew:N0} states before, of searches begun anew"))
                + (outcome.Repetition is { } repetition ? "; " + repetition.Words : ""));
        var rate = result.States / Math.Max(elapsed.TotalSeconds, 0.001);
        output.WriteLine(
            Invariant($"  cost        {result.BytesPerState:F1} bytes a state, {elapsed.TotalSeconds:F1} s, {rate:N0} ")
                + Invariant($"states/s, ")
            + Invariant($"collision probability under {result.CollisionBound:0.0e+0}")
            + (result.SecondHash is { } hash ? " " + hash.Words : "")
            + (result.BytesInFiles > 0 ? Invariant($", {result.BytesInFiles >> 20:N0} MiB in files") : "")
            + (outcome.Searches > 1 ? $", {outcome.Searches} searches" : ""));
        if (result.Traffic is { } traffic)
        {
            output.WriteLine(
                Invariant($"  cluster     {traffic.Machines} silos sent each other {traffic.Bytes:N0} bytes in ")
                + Invariant($"{traffic.Messages:N0} messages; {traffic.Asked:N0} candidates, ")
                + Invariant($"{traffic.Moved:N0} states"));
        }

        if (outcome.ComputesWithTokens.Count > 0)
        {
            output.WriteLine(
                $"  tokens      computed with in {string.Join(", ", outcome.ComputesWithTokens)}; KVM draws the lowest "
                + $"free one here, and from its counter on {CheckInstance.TokenCounter.Name}");
        }

        if (outcome.GrowingWords.Count > 0)
        {
            output.WriteLine($"  growing     {string.Join(", ", outcome.GrowingWords)} in random schedules: a counter "
                + "that runs on makes the states endless");
        }

        foreach (var difference in outcome.KernelDifferences)
        {
            output.WriteLine("  kernel      " + difference);
        }

        foreach (var property in result.Properties.Where(p => p.Property.Kind != PropertyKind.Sometimes
            && p.Verdict != PropertyVerdict.DoesNotApply))
        {
            var words = property.Verdict switch
            {
                PropertyVerdict.Broken => Invariant(
                    $"BROKEN, {(isShortest ? "shortest " : "")}history: {property.Path!.Actions.Count} blocks of ")
                    + Invariant($"steps"),
                PropertyVerdict.Holds => property.Verdict.Words(),
                PropertyVerdict.NotAsked => "not asked: userspace can break it for its own guest",
                _ => property.Property.Kind == PropertyKind.Eventually && !liveness ? "not looked for" : "not decided",
            };
            output.WriteLine($"  {property.Property.Name,-18}{words}");
        }

        List("seen", PropertyVerdict.Seen);
        List("never seen", PropertyVerdict.NeverSeen);
        foreach (var file in files)
        {
            output.WriteLine($"  history     {file}");
        }

        foreach (var history in outcome.Histories)
        {
            output.WriteLine();
            output.Write(HistoryText.Write(history));
        }

        output.WriteLine();

        double Percent(long all) => Math.Round(100.0 * result.States / all);

        void List(string title, PropertyVerdict verdict)
        {
            var names = result.Properties.Where(p => p.Property.Kind == PropertyKind.Sometimes && p.Verdict == verdict)
                .Select(p => p.Property.Name).ToArray();
            if (names.Length > 0)
            {
                output.WriteLine($"  {title,-12}{string.Join(", ", names)}");
            }
        }
    }
}
