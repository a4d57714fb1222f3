using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Misuse;

namespace UapiLab.Cli.Check;

/// <summary>Verdicts as JSON (docs/cli.md, "check --json").</summary>
internal static class CheckJson
{
    public static string Write(
        IEnumerable<(CheckOutcome Outcome, TimeSpan Elapsed)> outcomes,
        IEnumerable<(KnowledgeOutcome Outcome, TimeSpan Elapsed)> known,
        IEnumerable<(string Encoding, IReadOnlyList<string> Sentences)> answers,
        IEnumerable<(MisuseReport Report, TimeSpan Elapsed)> misused,
        IEnumerable<Walked> walked) => JsonText.Write(
        new
        {
            schema = 1,
            answers = answers.Select(a => new { a.Encoding, a.Sentences }),
            checks = outcomes.Select(o => Check(o.Outcome, o.Elapsed)),
            knowledge = known.Select(k => Knowledge(k.Outcome, k.Elapsed)),
            misuse = misused.Select(m => Misuse(m.Report, m.Elapsed)),
            walks = walked.Select(w => new
            {
                w.Encoding,
                instance = JsonText.Object(w.Instance.Parameters),
                asked = w.Options.Runs,
                w.Options.Seed,
                w.Options.ChangePoints,
                w.Result.Runs,
                w.Result.Steps,
                broken = w.History is not { } history ? null : new
                {
                    history.Property,
                    run = w.Result.FirstBroken,
                    step = w.Result.BrokenAt + 1,
                    file = HistoryFiles.TraceOf(w.Encoding, w.Instance, history),
                },
            }),
        },
        JsonText.Ascii);

    private static object Check(CheckOutcome outcome, TimeSpan elapsed)
    {
        var result = outcome.Result;
        return new
        {
            outcome.Encoding,
            instance = JsonText.Object(outcome.Instance.Parameters),
            result.States,
            result.Transitions,
            result.Depth,
            exhausted = result.IsExhausted,
            result.Bound,
            expectedStates = result.ExpectedStates is var (least, most) ? new { least, most } : null,
            bytesPerState = Math.Round(result.BytesPerState, 2),
            result.CollisionBound,
            secondHash = result.SecondHash is { } hash ? new { hash.States, hash.Bound } : null,
            withoutReductions = outcome.Repetition is { } repetition
                ? new { repetition.States, repetition.Bound, repetition.Differing } : null,
            outcome.ComputesWithTokens,
            outcome.KernelDifferences,
            properties = JsonText.Object(result.Properties
                .Where(p => p.Verdict != PropertyVerdict.DoesNotApply)
                .Select(p => KeyValuePair.Create(p.Property.Name, p.Verdict.Words()))),
            histories = outcome.Histories.Select(h => new
            {
                h.Property,
                h.Outcome,
                file = HistoryFiles.TraceOf(outcome.Encoding, outcome.Instance, h),
                story = h.InShort().Select(s => new { step = s.Number, s.By, s.Text }),
            }),
            timing = Timing(elapsed),
        };
    }

    private static object Knowledge(KnowledgeOutcome outcome, TimeSpan elapsed) => new
    {
        outcome.Encoding,
        outcome.States,
        concerns = JsonText.Object(outcome.Findings.Select(f => KeyValuePair.Create(f.Id, new
        {
            verdict = f.Verdict.Words(),
            ifPredictionsComeTrue = f.Truthful.Words(),
            f.Views,
            f.Ambiguous,
            needlessInEveryRun = f.OnlyFirst,
        }))),
        timing = Timing(elapsed),
    };

    private static object Misuse(MisuseReport report, TimeSpan elapsed) => new
    {
        report.Encoding,
        report.Explored,
        tried = report.Cases.Count,
        report.Harmful,
        worst = report.Worst?.Id,
        cases = report.Cases.Select(c => new
        {
            c.Id,
            c.What,
            c.Kind,
            verdict = c.Verdict.Words(),
            c.Why,
            seenInSimulation = c.IsSeenInSimulation,
            c.Refusal,
            c.Instance,
            c.States,
            c.Rule,
            histories = c.Histories.Select(h => new
            {
                h.Property,
                h.Outcome,
                file = HistoryFiles.MarkdownOf(report, c, h),
                story = h.InShort().Select(s => new { step = s.Number, s.By, s.Text }),
            }),
        }),
        controls = report.Controls.Select(c => new { c.Instance, c.States, c.Broken, c.Bound }),
        timing = Timing(elapsed),
    };

    private static object Timing(TimeSpan elapsed) => new { wallSeconds = Math.Round(elapsed.TotalSeconds, 3) };
}
