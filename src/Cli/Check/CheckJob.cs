using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Cluster;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Pages;

namespace UapiLab.Cli.Check;

/// <summary>Does what a <c>check</c> command line asks for: one search for each encoding and instance.</summary>
internal static class CheckJob
{
    public static int Run(Terminal terminal, LabCatalog lab, CheckRequest request, CancellationToken cancellation)
    {
        request.Cluster.Check();
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
            // An encoding that computes with tokens is also checked with tokens as KVM draws them.
            var queued = new Queue<CheckInstance>(
                request.InstancesFor(encoding).Select(i => i with { Watched = lab.Properties }));
            var answer = new CheckAnswer(encoding.Description.FullName, ignored, brokenOfKit);
            var isCounted = queued.Any(i => i.Name == CheckInstance.TokenCounter.Name);
            while (queued.TryDequeue(out var instance))
            {
                var clock = Stopwatch.StartNew();
                Beating(request, encoding, instance);
                if (request.Random is { } walks)
                {
                    exit = Worst(exit, WalkJob.Run(terminal, encoding, instance, walks, request, shards, folder,
                        walked, cancellation));
                    continue;
                }

                var search = new SearchProgress($"{encoding.Description.FullName} on {instance.Name}",
                    isBreadthFirst: request.Search.DepthFirst == 0);
                var options = request.Search with
                {
                    Progress = progress is null ? null
                        : (states, depth) => progress.Show(() => search.Line(states, depth, clock.Elapsed)),
                    Ignored = ignored,
                    Shown = shown,
                    Stop = () => Beating(request, encoding, instance) || cancellation.IsCancellationRequested
                        ? "interrupted"
                        : request.TimeSeconds > 0 && clock.Elapsed.TotalSeconds > request.TimeSeconds
                            ? Invariant($"time: {request.TimeSeconds} s")
                        : null,
                };
                var outcome = Run(terminal, encoding, instance, cluster?.On(options) ?? options);
                progress?.Clear();
                if (outcome is null)
                {
                    exit = ExitCode.Violation;
                    continue;
                }

                outcomes.Add((outcome, clock.Elapsed));
                answer.Add(outcome);
                if (outcome.ComputesWithTokens.Count > 0 && !isCounted)
                {
                    isCounted = true;
                    queued.Enqueue(request.Asked(CheckInstance.TokenCounter) with { Watched = lab.Properties });
                }

                exit = Worse(exit, outcome, ignored);
                var files = HistoryFiles.Write(folder, outcome);
                if (!request.Json && !request.Quiet)
                {
                    CheckText.Write(terminal.Out, outcome, clock.Elapsed, files, request.Search.Liveness,
                        request.Search.DepthFirst == 0);
                }

                if (request.StopsAtBroken && answer.Broken(outcome).Any(p => !p.Property.LetsSearchGoOn))
                {
                    break;
                }

                if (cancellation.IsCancellationRequested)
                {
                    answers.Add((encoding.Description.FullName, answer.Sentences([.. queued.Select(i => i.Name)])));
                    exit = exit == ExitCode.Violation ? exit : ExitCode.Undecided;
                    return folder.Exit(
                        Finish(terminal, request, walked, outcomes, known, answers, ignored, exit));
                }
            }

            if (request.Knowledge && queued.Count == 0)
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

            string[] left = [.. queued.Select(i => i.Name)];
            answers.Add((encoding.Description.FullName, answer.Sentences(left)));
            if (!request.Json && !request.Quiet)
            {
                answer.Write(terminal.Out, left);
            }
        }

        return folder.Exit(shards is { IsPart: true } ? shards.Write(terminal, request, exit)
            : Finish(terminal, request, walked, outcomes, known, answers, ignored, exit));
    }

    /// <returns>False, to stand in front of what else may stop a search.</returns>
    private static bool Beating(CheckRequest request, Encoding encoding, CheckInstance instance)
    {
        request.Heartbeat(
            $"checking {encoding.Description.FullName} on {instance.Name}",
            () => Checker.Walk(encoding, instance,
                new(Runs: 100_000, Steps: 200, Seed: 1, ChangePoints: -1, Threads: 1), () => false));
        return false;
    }

    /// <summary>An encoding that breaks the contract is named, and the others go on.</summary>
    private static CheckOutcome? Run(Terminal terminal, Encoding encoding, CheckInstance instance,
        SearchOptions options)
    {
        try
        {
            return Checker.Run(encoding, instance, options);
        }
        catch (EncodingDefectException e)
        {
            terminal.Error.WriteLine(
                $"uapilab: {encoding.Description.FullName} on {instance.Name}: breaks the contract: "
                + $"{Cli.Plugins.DefectText.Of(e)}");
            return null;
        }
    }

    /// <summary>What is written of all encodings together; the exit code says if a file could not be.</summary>
    private static int Finish(Terminal terminal, CheckRequest request, List<Walked> walked,
        List<(CheckOutcome Outcome, TimeSpan Elapsed)> outcomes,
        List<(KnowledgeOutcome Outcome, TimeSpan Elapsed)> known,
        List<(string Encoding, IReadOnlyList<string> Sentences)> answers, ulong ignored, int exit)
    {
        var json = CheckJson.Write(outcomes, known, answers, walked);
        if (request.Json)
        {
            terminal.Out.Write(json);
        }

        History[] histories =
        [
            .. outcomes.SelectMany(o => o.Outcome.Histories), .. walked.Select(w => w.History).OfType<History>(),
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
