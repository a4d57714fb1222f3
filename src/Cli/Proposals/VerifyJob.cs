using UapiLab.Cli.Ci;
using UapiLab.Cli.Compare;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Proposals;
using UapiLab.Harness.Simulation;

namespace UapiLab.Cli.Proposals;

/// <summary>Verifies proposals, and writes or compares their evidence.</summary>
internal static class VerifyJob
{
    public static int Run(Terminal terminal, LabCatalog lab, VerifyRequest request, CancellationToken cancellation)
    {
        request.Ci.Try();
        var cases = new List<CiCase>();
        var exit = Verify(terminal, lab, request, cases, cancellation);
        return request.Ci.Write(
            terminal.Error,
            exit,
            junit: () => JUnitReport.Write("proposals verify", cases),
            summary: () => SummaryReport.Write("proposals verify", exit,
                cases.GroupBy(c => c.Group).Select(g =>
                    Invariant($"{g.Key}: {g.Count(c => c.Verdict == CiVerdict.Passed)} of {g.Count()} hold.")),
                cases.Where(c => c.Verdict != CiVerdict.Passed).Select(c => $"{c.Group} {c.Name}: {c.Message}")));
    }

    private static int Verify(Terminal terminal, LabCatalog lab, VerifyRequest request, List<CiCase> cases,
        CancellationToken cancellation)
    {
        var proposals = ProposalFiles.ReadSome(request.Directory, lab, cancellation);
        if (request.Folders.FirstOrDefault(f => proposals.All(p => p.Folder != f)) is { } unknown)
        {
            throw new InputException(unknown,
                $"no proposal below {request.Directory}, expected one of "
                + $"{string.Join(", ", proposals.Select(p => p.Folder))}");
        }

        Proposal[] asked = [.. proposals.Where(p => request.Folders.Count == 0 || request.Folders.Contains(p.Folder))];
        var folders = asked.ToDictionary(p => p, p => new EvidenceFolder(request.Directory, p.Folder));
        if (request.Update)
        {
            foreach (var folder in folders.Values)
            {
                folder.Try();
            }
        }

        var verifier = new ProposalVerifier(new()
        {
            Command = "proposals verify",
            Seed = request.Seed,
            Seeds = SeedList.Derive(request.Seed, request.Seeds),
            Encodings = DefaultMatrix.Encodings(lab.Encodings),
            Baseline = DefaultMatrix.Baseline,
            Oracle = DefaultMatrix.Oracle,
            Workloads = [],
            Costs = CostTable.Default,
            Threads = request.Threads,
        }, lab, lab.Encodings.Resolve(DefaultMatrix.Baseline), () =>
        {
            request.Heartbeat("verifying");
            return cancellation.IsCancellationRequested ? "interrupted" : null;
        }, cancellation);
        var exit = ExitCode.Fine;
        foreach (var proposal in asked)
        {
            if (cancellation.IsCancellationRequested)
            {
                return exit == ExitCode.Fine ? ExitCode.Undecided : exit;
            }

            request.Heartbeat("verifying " + proposal.Folder);
            var verified = verifier.Verify(proposal);
            terminal.Out.WriteLine($"{proposal.Folder}: {proposal.Title} ({proposal.Encoding.Name})");
            foreach (var outcome in verified.Outcomes)
            {
                terminal.Out.WriteLine(
                    $"  {EvidenceFiles.Word(outcome.Verdict),-14}{outcome.Kind} {outcome.Id}: {outcome.Found}");
                cases.Add(new(proposal.Folder, $"{outcome.Kind} {outcome.Id}", Of(outcome.Verdict),
                    outcome.Verdict == Verdict.Holds ? "" : $"{outcome.Text}: {outcome.Found}", outcome.Details));
                exit = outcome.Verdict switch
                {
                    Verdict.DoesNotHold => ExitCode.Violation,
                    Verdict.NotDecided when exit == ExitCode.Fine => ExitCode.Undecided,
                    _ => exit,
                };
            }

            if (cancellation.IsCancellationRequested)
            {
                terminal.Out.WriteLine("  evidence      as it was: interrupted");
                return exit == ExitCode.Fine ? ExitCode.Undecided : exit;
            }

            var files = EvidenceFiles.Of(verified, request.Seed, request.Seeds);
            var stale = folders[proposal].Stale(files);
            if (request.Update)
            {
                folders[proposal].Update(files);
            }

            terminal.Out.WriteLine(request.Update ? $"  evidence      written to {folders[proposal].Path}"
                : stale.Count == 0 ? "  evidence      is what the claims say now"
                : $"  STALE         {string.Join(", ", stale)}: run with --update and read the difference");
            cases.Add(new(proposal.Folder, "evidence", request.Update || stale.Count == 0 ? CiVerdict.Passed
                : CiVerdict.Failed, string.Join(", ", stale.Select(s => "stale: " + s))));
            exit = !request.Update && stale.Count > 0 ? ExitCode.Violation : exit;
        }

        return exit;
    }

    private static CiVerdict Of(Verdict verdict) => verdict switch
    {
        Verdict.Holds => CiVerdict.Passed,
        Verdict.DoesNotHold => CiVerdict.Failed,
        _ => CiVerdict.Error,
    };
}
