using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Comparisons;

/// <summary>Puts an answer in words. Nothing here depends on which encoding it is about.</summary>
internal static class AnswerSentences
{
    /// <summary>A name more is left out in a list that says how many there are.</summary>
    private const int MostNames = 3;

    public static IReadOnlyList<string> Of(ComparisonReport report, Answer answer)
    {
        var words = new Writer(report, answer);
        return
        [
            .. words.Incomplete(), .. words.Preference(), .. words.Fastest(), .. words.Cost(), .. words.Predictions(),
            .. words.Costs(), .. words.Broken(), .. words.Missing(),
        ];
    }

    private sealed class Writer(ComparisonReport report, Answer answer)
    {
        public IEnumerable<string> Incomplete() =>
            report.Incomplete.Length > 0 ? [$"NOT WHOLE: {report.Incomplete}."] : [];

        public IEnumerable<string> Preference()
        {
            switch (answer.Verdict)
            {
                case AnswerVerdict.NoEncoding:
                    yield return "No encoding can be preferred: none finished every run without breaking a rule.";
                    break;
                case AnswerVerdict.OneEncoding:
                    yield return $"{Name(answer.Preferred[0])} is the only encoding that can be ranked, so there is "
                        + "none to prefer it to.";
                    break;
                case AnswerVerdict.NoClearWinner:
                    yield return $"No clear winner: {Names(answer.Preferred)} are not told apart{Next()}.";
                    break;
                default:
                    var preferred = answer.Preferred[0];
                    yield return $"Prefer {Name(preferred)}: it takes "
                        + $"{AtMost(preferred, " more time than the fastest")}{Next()}.";
                    break;
            }
        }

        public IEnumerable<string> Fastest()
        {
            var groups = answer.Workloads.Where(w => w.Fastest.Count > 0 && w.Speedup is not null)
                .GroupBy(w => Names(w.Fastest)).Select(g =>
                    $"{And(g.Select(w => w.Name))} {g.Key} {And(g.Select(w => Number(w.Speedup)))}").ToArray();
            if (groups.Length > 0 && answer.Verdict is AnswerVerdict.Prefer or AnswerVerdict.NoClearWinner)
            {
                yield return $"Fastest: {string.Join(", ", groups)}.";
            }
        }

        /// <summary>What the first workload costs, where needless APFs show if it is all-sync.</summary>
        public IEnumerable<string> Cost()
        {
            if (answer.Workloads is not [var workload, ..] || answer.Preferred.Count != 1)
            {
                yield break;
            }

            var own = RowOf(answer.Preferred[0]);
            AnswerRow[] others = [.. answer.Rows.Where(r => r.Rank is not null && r != own && IsNoticed(r.BackToBack))];
            var most = others.Max(r => r.BackToBack);
            AnswerRow[] worst = [.. others.Where(r => PerFault(r.BackToBack) == PerFault(most))];
            var needless = IsNoticed(own.BackToBack) ? $"with {PerFault(own.BackToBack)} needless APFs per fault"
                : "without needless APFs";
            var beside = worst.Length == 0 || !IsNoticed(most - own.BackToBack) ? ""
                : $"; those with {PerFault(most)} per fault have {Range(worst.Select(r => r.Marks[0].Speedup))}";
            yield return $"On {workload.Name} it has {Number(own.Marks[0].Speedup)} {needless}{beside}.";
        }

        /// <summary>Encodings that would be as good as the preferred one if every prediction was right.</summary>
        public IEnumerable<string> Predictions()
        {
            var own = answer.Preferred.Count == 0 ? null : RowOf(answer.Preferred[0]).Behind;
            string[] names =
            [
                .. answer.Rows.Where(r => r.Predict is not null && r.Rank is null && r.Behind - own < 0.01m
                    && !answer.Preferred.Contains(r.Encoding)).Select(r => r.Encoding).Distinct(),
            ];
            if (names.Length > 0)
            {
                yield return $"{Names(names)} {(names.Length == 1 ? "matches" : "match")} it only with right "
                    + "predictions.";
            }
        }

        public IEnumerable<string> Costs()
        {
            if (report.Stability is not { } stability)
            {
                yield break;
            }

            var own = answer is { Verdict: AnswerVerdict.Prefer, Next: { } next } && stability.Rows.Any(r =>
                answer.Workloads.Any(w => w.Name == r.Workload) && r.Flips.Concat(r.Ties).Any(f =>
                    (f.Faster == answer.Preferred[0] && f.Slower == next)
                    || (f.Slower == answer.Preferred[0] && f.Faster == next)));
            yield return Invariant($"{answer.CostDependent} of {answer.Orderings} orderings depend on costs")
                + (own ? $", that of {Name(answer.Preferred[0])} and {Name(answer.Next!)} too." : ".");
        }

        public IEnumerable<string> Broken()
        {
            var broken = answer.Rows.Where(r => r.Failures > 0).Select(r => r.Encoding).Distinct().ToArray();
            if (broken.Length > 0)
            {
                yield return $"Broken: {string.Join("; ", broken.Take(MostNames).Select(b =>
                    $"{Name(b)} ({What(b)})"))}{Rest(broken.Length)}.";
            }
        }

        public IEnumerable<string> Missing()
        {
            var names = answer.Workloads.Select(w => w.Name).ToArray();
            if (names.Length > 0 && answer.Missing.Count > 0)
            {
                yield return $"This is about {And(names)} alone: {And(answer.Missing)} "
                    + $"{(answer.Missing.Count == 1 ? "was" : "were")} not run.";
            }
        }

        private string What(string encoding)
        {
            var outcomes = report.PolicySearches.Where(s => s.Encoding == encoding).SelectMany(s => s.Outcomes)
                .Where(o => o.IsBroken).ToArray();
            return string.Join(", ", outcomes.SelectMany(o => o.Violations.Select(v => v.Key))
                .Concat(outcomes.Where(o => o.Error.Length > 0).Select(_ => "defect")).Distinct().Take(MostNames));
        }

        private AnswerRow RowOf(string encoding) =>
            answer.Rows.First(r => r.Encoding == encoding && r.Rank is not null);

        private string Next() =>
            answer.Next is { } next ? $"; next is {Name(next)}, {AtMost(next, "")}" : "";

        /// <summary>How far behind the fastest, and where.</summary>
        private string AtMost(string encoding, string what)
        {
            var row = RowOf(encoding);
            var percent = Math.Round((row.Behind!.Value - 1) * 100);
            return percent <= 0 ? $"no{what} on {And(answer.Workloads.Select(w => w.Name))}"
                : Invariant($"up to {percent} %{what} ({row.BehindOn})");
        }

        private string Name(string encoding) => report.EncodingOf(encoding).Starred;

        private string Names(IReadOnlyList<string> encodings) => encodings.Count <= MostNames
            ? And(encodings.Select(Name))
            : string.Join(", ", encodings.Take(MostNames).Select(Name)) + Rest(encodings.Count);

        private static string Rest(int count) =>
            count > MostNames ? Invariant($" and {count - MostNames} more") : "";

        private static string And(IEnumerable<string> names)
        {
            string[] all = [.. names];
            return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
        }

        private static bool IsNoticed(decimal? perFault) => perFault >= 0.005m;

        private static string Range(IEnumerable<decimal?> values)
        {
            var texts = values.Order().Select(Number).Distinct().ToArray();
            return texts.Length == 1 ? texts[0] : $"{texts[0]} to {texts[^1]}";
        }

        private static string Number(decimal? value) => Reports.Words.Number(value);

        private static string PerFault(decimal? value) => Reports.Words.PerFault(value);
    }
}
