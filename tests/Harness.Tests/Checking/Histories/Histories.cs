using System.Text;
using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>Generator of histories with any texts that are text at all: half of a surrogate pair is not, and no file
/// can hold it.</summary>
internal static class Histories
{
    private static readonly Gen<string> s_text = ArbMap.Default.GeneratorFor<string>()
        .Select(s => WellFormed(s ?? "\u00e4\u2192\U0001F600\"\\\n\u2028\u0000"));
    private static readonly Gen<string?> s_textOrNull =
        Gen.OneOf(s_text.Select(s => (string?)s), Gen.Constant<string?>(null));

    public static Arbitrary<History> Any() =>
        (from texts in s_text.ArrayOf(7)
         from lanes in s_text.NonEmptyListOf()
         from instance in (from name in s_text from value in s_text select KeyValuePair.Create(name, value)).ListOf()
         from steps in Step(lanes.Count).ListOf()
         from inevitable in Gen.Choose(0, steps.Count)
         from waiting in (from lane in Gen.Choose(0,
             lanes.Count - 1)
                          from what in s_text
                          from wake in s_textOrNull
                          select new WaitingFor(lane, what, wake))
             .ListOf()
         from beyond in s_textOrNull
         select new History
         {
             Property = texts[0],
             PropertyDoc = texts[1],
             Outcome = texts[2],
             Encoding = texts[3],
             EncodingVersion = texts[4],
             MachineVersion = texts[5],
             Instance = [.. instance],
             Lanes = [.. lanes],
             Steps = [.. steps.Select((s, i) => s with { Number = i + 1 })],
             InevitableFrom = inevitable,
             Waiting = [.. waiting],
             BeyondArmV8 = beyond,
         }).ToArbitrary();

    private static Gen<HistoryStep> Step(int lanes) =>
        from actor in Gen.Choose(0, int.MaxValue)
        from scheduled in Gen.OneOf(
            Gen.Choose(0, int.MaxValue).ListOf().Select(c => new ScheduledStep(StepKind.Step, actor, [.. c])),
            Gen.Choose(0, int.MaxValue).Select(which => new ScheduledStep(StepKind.Commit, actor, [which])),
            Gen.Constant(new ScheduledStep(StepKind.Signal, actor, [])))
        from lane in Gen.Choose(0, lanes - 1)
        from text in s_text
        from source in s_textOrNull
        from rule in s_textOrNull
        from changes in (from t in s_text.ArrayOf(3) select new FieldChange(t[0], t[1], t[2])).ListOf()
        from events in s_text.ListOf()
        select new HistoryStep(0, scheduled, lane, text, source, rule, [.. changes], [.. events]);

    private static string WellFormed(string text) =>
        string.Concat(text.EnumerateRunes().Select(r => r == Rune.ReplacementChar ? "?" : r.ToString()));
}
