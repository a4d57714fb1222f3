using UapiLab.Harness.Foundation.Statistics;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Puts an answer in words. Nothing here depends on which encoding it is about.</summary>
internal static class AnswerSentences
{
    /// <summary>A name more is left out in a list that says how many there are.</summary>
    private const int MostNames = 3;

    /// <summary>The same for those that are ranked first: which they are is the answer.</summary>
    private const int MostFirst = 5;

    public static IReadOnlyList<string> Of(ComparisonReport report, Answer answer)
    {
        var words = new Writer(report, answer);
        return
        [
            .. words.Incomplete(), .. words.Preference(), .. words.Shown(), .. words.Tells(), .. words.Cost(),
            .. words.Predictions(), .. words.Host(), .. words.Costs(), .. words.Broken(), .. words.Missing(),
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
                    yield return $"No clear winner: {Names(answer.Preferred, MostFirst)} are not told "
                        + $"apart{Next()}.";
                    break;
                default:
                    var preferred = answer.Preferred[0];
                    yield return $"Prefer {Name(preferred)}: it takes "
                        + $"{Most(preferred)}{Next()}.";
                    break;
            }
        }

        /// <summary>Those ranked first of which nobody says that they keep the rules.</summary>
        public IEnumerable<string> Shown()
        {
            string[] shown = [.. answer.Preferred.Where(p => report.EncodingOf(p).ViolationsExpected)];
            if (shown.Length > 0)
            {
                yield return $"{Names(shown, MostFirst)} {(shown.Length == 1 ? "is" : "are")} there to show what goes "
                    + "wrong: check says whether it holds.";
            }
        }

        /// <summary>The encodings with which KVM can tell a fault that is resolved at once when it injects.</summary>
        public IEnumerable<string> Tells()
        {
            string[] Those(Func<KvmTells, bool> which) =>
                [.. answer.Rows.Where(r => r.Tells is { } t && which(t)).Select(r => r.Encoding).Distinct()];
            var able = Those(t => t is KvmTells.Yes);
            var others = Those(t => t is KvmTells.AfterInjecting or KvmTells.No);
            var only = others.Length > 0 && Those(t => t is KvmTells.NotDecided).Length == 0 ? "only " : "";
            if (able.Length > 0)
            {
                yield return $"KVM can tell sync from async before it injects {only}with {Names(able)}.";
            }
            else if (others.Length > 0)
            {
                yield return $"KVM cannot tell sync from async before it injects with {Names(others)}.";
            }
        }

        /// <summary>What the first workload costs, where needless APFs show if it is all-sync.</summary>
        public IEnumerable<string> Cost()
        {
            if (answer.Workloads is not [var workload, ..] || report.Baseline is not { } baseline)
            {
                yield break;
            }

            AnswerRow[] own = [.. answer.Preferred.Take(MostNames).Select(RowOf).Where(r => r.Marks[0].Speedup > 0)];
            if (own.Length == 0)
            {
                yield break;
            }

            var most = own.Max(r => r.BackToBack ?? 0);
            AnswerRow[] others = [.. answer.Rows.Where(r => r.Rank is not null && !own.Contains(r)
                && IsNoticed(r.BackToBack - most) && r.Marks[0].Speedup > 0)];
            var needless = others.Max(r => r.BackToBack);
            string[] parts =
            [
                .. own.Select(r => $"{Longer(r, r)} with {Name(r.Encoding)}"
                    + (IsNoticed(r.BackToBack) ? $" ({Reports.Words.Per100(r.BackToBack)} needless APFs)" : "")),
                .. others.Where(r => Reports.Words.Per100(r.BackToBack) == Reports.Words.Per100(needless))
                    .OrderByDescending(r => r.Marks[0].Speedup).ToArray() is [var first, ..] worst
                    ? [$"{Longer(first, worst[^1])} with {Reports.Words.Per100(needless)} needless APFs per 100 faults"]
                    : Array.Empty<string>(),
            ];
            var where = workload.Heading == AnswerBuilder.AllSync ? "With every fault resolved at once"
                : "On " + workload.Name;
            yield return $"{where} a run takes, against {baseline}, {string.Join(", ", parts)}.";
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

        /// <summary>Whose prices they are, where they are the user's own.</summary>
        public IEnumerable<string> Host()
        {
            if (report.CostsOf.Length > 0)
            {
                var entries = report.Costs.Entries;
                yield return Invariant($"On this host {entries.Count(e => e.Origin == CostOrigin.Measured)} of ")
                    + Invariant($"{entries.Count} prices are measured, by {report.CostsOf}; the others are assumed or ")
                    + "published.";
            }
        }

        public IEnumerable<string> Costs()
        {
            if (report.Stability is not { } stability)
            {
                yield break;
            }

            var own = answer is { Verdict: AnswerVerdict.Prefer, Next: { } next } && stability.Rows.Any(r =>
                answer.Workloads.Any(w => w.Name == r.Workload) && r.Orderings.Where(o => !o.IsRobust).Any(f =>
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
            answer.Next is { } next ? $"; next is {Name(next)}, " + (Behind(next) is var (percent, where) && percent > 0
                ? Invariant($"up to {percent} % behind the fastest ({where})") : "as fast as the fastest") : "";

        /// <summary>How much more time it takes, and where.</summary>
        private string Most(string encoding)
        {
            const string What = "more time than the fastest";
            var (percent, where) = Behind(encoding);
            return percent <= 0 ? $"no {What} on {And(answer.Workloads.Select(w => w.Name))}"
                : Invariant($"up to {percent} % {What} ({where})");
        }

        private (decimal Percent, string? Where) Behind(string encoding)
        {
            var row = RowOf(encoding);
            return (Math.Round((row.Behind!.Value - 1) * 100), row.BehindOn);
        }

        private string Name(string encoding) => report.EncodingOf(encoding).Starred;

        private string Names(IReadOnlyList<string> encodings, int most = MostNames) => encodings.Count <= most
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

        /// <summary>How much more or less time than the baseline it takes, from one encoding to another.</summary>
        private static string Longer(AnswerRow from, AnswerRow to)
        {
            static string Percent(AnswerRow row) =>
                Invariant($"{Math.Round(((1 / row.Marks[0].Speedup!.Value) - 1) * 100):+0;-0;0}");
            return (Percent(from), Percent(to)) is var (low, high) && low == high ? $"{low} %" : $"{low} to {high} %";
        }
    }
}
