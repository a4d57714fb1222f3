using System.Diagnostics;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Shards;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Comparisons.Reports;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab;

namespace UapiLab.Cli.Compare;

/// <summary>Plans, runs, writes, prints, and says how it went.</summary>
internal static class CompareJob
{
    private const string ShardFolder = "artifacts/compare/shards";

    public static int Run(Terminal terminal, LabCatalog lab, CompareRequest request, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var progress = request.Quiet || terminal.Progress is not { } shown ? null : new ProgressLine(shown);
        ComparisonReport report;
        RunFolder folder;
        AgainstOld? old;
        try
        {
            request.Check();
            request.Ci.Try();
            old = AgainstOld.Read(request, cancellation);
            var plan = PlanBuilder.Build(request, lab, progress?.Bytes, cancellation);
            if (request.Shards.Shard is not null)
            {
                return RunShard(terminal, request, plan, progress, cancellation);
            }

            if (request.Shards.Files.Count > 0)
            {
                plan = plan with { Known = WorkOf(request, plan).Known<UnitResult>(isWhole: true) };
            }

            folder = request.Directory is { } named ? RunFolder.Named(terminal.Error, named)
                : RunFolder.New(terminal.Error, RunFolder.Runs, TimeProvider.System.GetUtcNow(), request.Seed);
            if (!request.Quiet)
            {
                PrintNotes(terminal.Error, plan);
            }

            report = Statements.AddTo(Comparison.Run(plan, progress, cancellation,
                terminal.IsWatched && request is { Quiet: false, Json: false } ? ShowFirst : null));
        }
        finally
        {
            progress?.Clear();
        }

        var context = RunContext.Of(clock.Elapsed, report);
        var changes = old?.Compare(report);
        var files = ReportFiles.Write(folder, report, context);
        if (request.Json)
        {
            terminal.Out.Write(JsonReport.Write(report, context));
        }
        else if (!request.Quiet)
        {
            if (request.Details)
            {
                ComparisonTable.Write(terminal, report);
                terminal.Out.WriteLine();
            }

            terminal.Out.Write(ScreenReport.Write(report, terminal.Width));
            foreach (var line in changes?.Lines ?? [])
            {
                foreach (var part in WordWrap.Fill(line, terminal.Width))
                {
                    terminal.Out.WriteLine(part);
                }
            }

            var more = request.Details ? "" : "; every table: --details";
            var where = files.Count == 0 ? "none could be written" : string.Join(", ", files);
            foreach (var line in WordWrap.Fill($"Reports: {where}{more}", terminal.Width))
            {
                terminal.Out.WriteLine(line);
            }
        }

        if (!request.Quiet)
        {
            terminal.Error.WriteLine(Invariant($"uapilab: {report.Runs} runs in {clock.Elapsed.TotalSeconds:F1} s"));
        }

        var exit = Verdict(terminal.Error, report);
        if (exit == ExitCode.Fine && changes?.Fails(request.FailIf) == true)
        {
            terminal.Error.WriteLine($"uapilab: {request.FailIf} than in {request.Against}".Replace(
                "changed than", "changed from what is", StringComparison.Ordinal));
            exit = ExitCode.Violation;
        }

        return folder.Files.Exit(request.Ci.Write(
            terminal.Error,
            exit,
            junit: () => JUnitReport.Write("compare", CompareCi.Cases(report)),
            summary: () => SummaryReport.Write("compare", exit, report.AnswerText,
                [.. CompareCi.Cases(report).Where(c => c.Verdict is CiVerdict.Failed or CiVerdict.Error)
                    .Select(c => $"{c.Group} {c.Name}: {c.Message}"), .. changes?.Lines ?? []])));

        // The answer does not wait for what can only change a sentence of it.
        void ShowFirst(ComparisonReport early, int runs)
        {
            progress?.Clear();
            early = Statements.AddTo(early);
            ReportFiles.Write(folder, early with { Incomplete = "cost ranges are still to come" },
                RunContext.Of(clock.Elapsed, early));
            terminal.Out.Write(ScreenReport.Write(early, terminal.Width));
            var seconds = Math.Ceiling(clock.Elapsed.TotalSeconds / early.Runs * runs);
            var line = Invariant($"Cost ranges follow: {runs} runs, about {seconds:F0} s; Ctrl-C keeps this answer.");
            foreach (var part in WordWrap.Fill(line, terminal.Width).Append(""))
            {
                terminal.Out.WriteLine(part);
            }
        }
    }

    private static int RunShard(Terminal terminal, CompareRequest request, ComparisonPlan plan, ProgressLine? progress,
        CancellationToken cancellation)
    {
        var directory = request.Directory ?? ShardFolder;
        OutputFile.TryFolder(directory);
        var work = WorkOf(request, plan);
        var results = Comparison.RunUnits(plan, work.Takes, progress, cancellation);
        progress?.Clear();
        return work.Write(terminal, directory, request.Quiet, results);
    }

    /// <summary>Units and all that decides their results. A claim decides which runs there are, and what the report
    /// says of them.</summary>
    private static ShardedWork WorkOf(CompareRequest request, ComparisonPlan plan) => new(
        request.Shards,
        request.Words,
        Comparison.Units(plan),
        ("seed", Invariant($"{request.Seed}")),
        ("costs", string.Join('\n', plan.Costs.Entries)),
        ("claims", string.Join('\n', plan.Claims
            .Select(c => $"{c.Source} {c.Claim.Id} {c.Claim.Text} {c.Claim.Relation} {c.Claim.Value}"))),
        ShardedWork.Content("traces", request.Traces),
        ShardedWork.Content("plugins", request.Plugins));

    /// <summary>The exit code; whatever is worse than fine is said in one line.</summary>
    internal static int Verdict(TextWriter error, ComparisonReport report)
    {
        (int Code, string Why) = report switch
        {
            { InternalErrors: [var first, ..] } => (ExitCode.Internal, $"internal error: {first}"),
            { InputErrors: [var first, ..] } => (ExitCode.BadInput, first),
            { HasViolation: true } => (ExitCode.Violation, "an encoding broke a rule, see the report"),
            _ when report.Claims.Any(c => c.Verdict == Harness.Comparisons.Verdict.DoesNotHold) => (ExitCode.Violation,
                "a claim does not hold, see the report"),
            { Incomplete.Length: > 0 } => (ExitCode.Undecided, report.Incomplete),
            _ when report.Claims.Any(c => c.Verdict == Harness.Comparisons.Verdict.NotDecided) => (ExitCode.Undecided,
                "a claim is not decided, see the report"),
            _ => (ExitCode.Fine, ""),
        };
        if (Code != ExitCode.Fine)
        {
            error.WriteLine($"uapilab: {Why}");
        }

        return Code;
    }

    private static void PrintNotes(TextWriter error, ComparisonPlan plan)
    {
        foreach (var note in plan.Workloads.SelectMany(w => w.Notes.Select(n => $"{w.Name}: {n}")))
        {
            error.WriteLine("note: " + note);
        }
    }
}
