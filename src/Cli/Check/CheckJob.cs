using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Cluster;
using UapiLab.Cli.Compare;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Misuse;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Pages;

namespace UapiLab.Cli.Check;

/// <summary>Does what a <c>check</c> command line asks for: one search for each encoding and instance.</summary>
internal static class CheckJob
{
    public static int Run(Terminal terminal, LabCatalog lab, CheckRequest request, CancellationToken cancellation)
    {
        request.Check();
        if (request.Encodings.Count == 0 && !request.All)
        {
            throw new InputException("check", "expected an encoding, or --all");
        }

        var encodings = request.All
            ? [.. lab.Encodings.Families.SelectMany(lab.Encodings.EveryVariant)]
            : request.Encodings.Select(lab.Encodings.Resolve).ToArray();
        var properties = Checker.PropertiesOf(lab.Properties);
        // Properties that were not asked for do not end a search and set no exit code.
        var ignored = request.Properties.Count == 0 ? 0 : ~Mask(properties, "--property", request.Properties);
        var shown = Mask(properties, "--show", request.Shown);
        var outcomes = new List<(CheckOutcome Outcome, TimeSpan Elapsed)>();
        var known = new List<(KnowledgeOutcome Outcome, TimeSpan Elapsed)>();
        var answers = new List<(string Encoding, IReadOnlyList<string> Sentences)>();
        var beside = new Lazy<MisuseReport>(() => MisuseJob.Analysed(terminal,
            lab.Encodings.Resolve(DefaultMatrix.Baseline), request, cancellation));
        var misused = new List<(MisuseReport Report, TimeSpan Elapsed)>();
        var walked = new List<Walked>();
        var shards = WalkUnits.Of(request, encodings);
        var folder = new OutputFolder(terminal.Error, request.Directory);
        request.Shards.Check();
        request.Ci.Try();
        request.Pages.Try(request.Page);
        var progress = request.Quiet || terminal.Progress is not { } shows ? null : new ProgressLine(shows);
        var exit = ExitCode.Fine;
        using var cluster = request.Cluster.Silos is null ? null : SearchCluster.Of(request.Cluster);
        foreach (var encoding in encodings)
        {
            var brokenOfKit = request.TriesKit ? KitJob.FirstBroken(terminal, encoding, request) : null;
            exit = brokenOfKit is null ? exit : ExitCode.Violation;
            CheckInstance[] instances =
                [.. request.InstancesFor(encoding).Select(i => i with { Watched = lab.Properties })];
            var answer = new CheckAnswer(encoding.Description.FullName, ignored, brokenOfKit);
            if (request.Random is { } walks)
            {
                exit = instances.Aggregate(exit, (worst, instance) => Worst(worst, WalkJob.Run(terminal, encoding,
                    instance, walks, request, shards, folder, walked, cancellation)));
                continue;
            }

            var left = new List<CheckInstance>(instances);
            var isOver = false;
            while (left.Count > 0 && !isOver)
            {
                var computes = false;
                var options = request.Search with { Ignored = ignored, Shown = shown };
                // Silos have one search at a time.
                var searches = new InstanceSearches([.. left], cluster is null ? request.Threads : 1,
                    (instance, seat) => Run(encoding, instance, request, options, seat, progress, cluster),
                    cancellation);
                foreach (var (instance, outcome, defect, elapsed) in searches.InOrder())
                {
                    left.RemoveAt(0);
                    progress?.Clear();
                    if (outcome is null)
                    {
                        terminal.Error.WriteLine($"uapilab: {encoding.Description.FullName} on {instance.Name}: breaks "
                            + $"the contract: {DefectText.Of(defect!)}");
                        exit = ExitCode.Violation;
                        continue;
                    }

                    outcomes.Add((outcome, elapsed));
                    answer.Add(outcome);
                    computes |= outcome.ComputesWithTokens.Count > 0;
                    exit = Worse(exit, outcome, ignored);
                    var files = HistoryFiles.Write(folder, outcome);
                    if (!request.Json && !request.Quiet)
                    {
                        CheckText.Write(terminal.Out, outcome, elapsed, files, request.Search.Liveness,
                            request.Search.DepthFirst == 0);
                    }

                    isOver = cancellation.IsCancellationRequested || (request.StopsAtBroken
                        && answer.Broken(outcome).Any(p => !p.Property.LetsSearchGoOn));
                    if (isOver)
                    {
                        break;
                    }
                }

                // An encoding that computes with tokens is also checked with tokens as KVM draws them.
                if (computes && instances.All(i => i.Name != CheckInstance.TokenCounter.Name))
                {
                    var counted = request.Asked(CheckInstance.TokenCounter) with { Watched = lab.Properties };
                    instances = [.. instances, counted];
                    left.Add(counted);
                }
            }

            string[] notLookedAt = [.. left.Select(i => i.Name)];
            if (cancellation.IsCancellationRequested)
            {
                answers.Add((encoding.Description.FullName, answer.Sentences(notLookedAt)));
                exit = exit == ExitCode.Violation ? exit : ExitCode.Undecided;
                return folder.Exit(Finish(terminal, request, walked, outcomes, known, misused, answers, ignored, exit));
            }

            if (request.Knowledge && left.Count == 0)
            {
                if (KnowledgeJob.Run(terminal, encoding, request, cancellation) is { } answered)
                {
                    known.Add(answered);
                    exit = Worst(exit, KnowledgeJob.ExitOf(answered.Outcome, request.Required));
                }
                else
                {
                    exit = ExitCode.Violation;
                }
            }

            if (request.Misuse)
            {
                if (MisuseJob.Run(terminal, encoding, beside, request, cancellation) is { } tried)
                {
                    misused.Add(tried);
                    HistoryFiles.Write(folder, tried.Report);
                    exit = Worst(exit, MisuseJob.ExitOf(tried.Report));
                }
                else
                {
                    exit = ExitCode.Violation;
                }
            }

            var name = encoding.Description.FullName;
            answers.Add((name, !request.Misuse ? answer.Sentences(notLookedAt)
                : misused.LastOrDefault(m => m.Report.Encoding == name).Report?.Sentences ?? []));
            if (!request.Json && !request.Quiet)
            {
                answer.Write(terminal.Out, notLookedAt);
            }
        }

        return folder.Exit(shards is { IsPart: true } ? shards.Write(terminal, request, exit)
            : Finish(terminal, request, walked, outcomes, known, misused, answers, ignored, exit));
    }

    private static CheckOutcome Run(Encoding encoding, CheckInstance instance, CheckRequest request,
        SearchOptions options, SearchSeat seat, ProgressLine? progress, SearchCluster? cluster)
    {
        var name = $"{encoding.Description.FullName} on {instance.Name}";
        var clock = Stopwatch.StartNew();
        var line = new SearchProgress(name, isBreadthFirst: options.DepthFirst == 0);
        using var watched = request.Begin("checking " + name, () => Checker.Walk(encoding, instance,
            new(Runs: 100_000, Steps: 200, Seed: 1, ChangePoints: -1, Threads: 1), () => false));
        var seated = options with
        {
            ThreadsNow = seat.ThreadsNow,
            Progress = progress is null ? null : (states, depth) =>
            {
                line.See(states, depth);
                if (seat.IsAwaited())
                {
                    progress.Show(() => line.Line(states, depth, clock.Elapsed));
                }
            },
            Stop = () =>
            {
                watched?.Beat();
                return seat.End.IsCancellationRequested ? "interrupted"
                    : request.TimeSeconds > 0 && clock.Elapsed.TotalSeconds > request.TimeSeconds
                        ? Invariant($"time: {request.TimeSeconds} s")
                    : null;
            },
        };
        return Checker.Run(encoding, instance, cluster?.On(seated) ?? seated);
    }

    /// <summary>What is written of all encodings together; the exit code says if a file could not be.</summary>
    private static int Finish(Terminal terminal, CheckRequest request, List<Walked> walked,
        List<(CheckOutcome Outcome, TimeSpan Elapsed)> outcomes,
        List<(KnowledgeOutcome Outcome, TimeSpan Elapsed)> known,
        List<(MisuseReport Report, TimeSpan Elapsed)> misused,
        List<(string Encoding, IReadOnlyList<string> Sentences)> answers, ulong ignored, int exit)
    {
        var json = CheckJson.Write(outcomes, known, answers, misused, walked);
        if (request.Json)
        {
            terminal.Out.Write(json);
        }

        History[] histories =
        [
            .. outcomes.SelectMany(o => o.Outcome.Histories), .. walked.Select(w => w.History).OfType<History>(),
            .. misused.Select(m => m.Report.Worst?.History).OfType<History>(),
        ];
        WitnessPair[] pairs =
            [.. known.SelectMany(k => k.Outcome.Findings).Select(f => f.Witness).OfType<WitnessPair>()];
        var runs = pairs.SelectMany(p => new[] { p.First, p.Second });
        exit = request.Pages.Write(terminal.Error, [.. histories, .. runs], exit, source => HistoryPages.Write(
            ("check --json", System.Text.Encoding.UTF8.GetBytes(json)), new(histories, pairs, source)));
        if (exit != ExitCode.BadInput && !request.Json && !request.Quiet)
        {
            terminal.Out.WriteLine($"Report: {request.Pages.Html}");
        }

        return request.Ci.Write(
            terminal.Error,
            exit,
            junit: () => JUnitReport.Write("check", CheckCi.Cases(outcomes, ignored)),
            sarif: () => CheckCi.Sarif([.. outcomes.Select(o => o.Outcome)], ignored, new(request.Plugins)),
            summary: () => SummaryReport.Write("check", exit, answers.Select(a => string.Join(' ', a.Sentences)),
                CheckCi.Cases(outcomes, ignored).Where(c => c.Verdict is CiVerdict.Failed or CiVerdict.Error)
                    .Select(c => $"{c.Group}: {c.Name}: {c.Message}")));
    }

    /// <summary>Broken weighs more than not decided.</summary>
    private static int Worse(int exit, CheckOutcome outcome, ulong ignored)
    {
        var broken = outcome.Result.Properties.Where((p, i) => (ignored >> i & 1) == 0
            && p.Verdict == PropertyVerdict.Broken).Any();
        return Worst(exit, broken ? ExitCode.Violation : outcome.IsUndecided ? ExitCode.Undecided : ExitCode.Fine);
    }

    private static int Worst(int one, int other) => one == ExitCode.Violation || other == ExitCode.Violation
        ? ExitCode.Violation : Math.Max(one, other);

    private static ulong Mask(IReadOnlyList<PropertySpec> properties, string option, IReadOnlyList<string> names)
    {
        ulong mask = 0;
        foreach (var name in names)
        {
            var position = Enumerable.Range(0, properties.Count).Where(i => properties[i].Name == name).ToArray();
            mask |= position is [var found]
                ? 1UL << found
                : throw new InputException(
                    $"{option} {name}", "expected one of " + string.Join(", ", properties.Select(p => p.Name)));
        }

        return mask;
    }
}
