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
        var found = new List<VerifiedFolder>();
        var exit = Verify(terminal, lab, request, found, cancellation);
        if (request.Json)
        {
            terminal.Out.Write(VerifyJson.Write(request, exit, found));
        }

        CiCase[] cases = [.. found.SelectMany(f => f.Cases)];
        return request.Ci.Write(
            terminal.Error,
            exit,
            junit: () => JUnitReport.Write("proposals verify", cases),
            summary: () => SummaryReport.Write("proposals verify", exit,
                cases.GroupBy(c => c.Group).Select(g =>
                    Invariant($"{g.Key}: {g.Count(c => c.Verdict == CiVerdict.Passed)} of {g.Count()} hold.")),
                cases.Where(c => c.Verdict != CiVerdict.Passed).Select(c => $"{c.Group} {c.Name}: {c.Message}")));
    }

    private static int Verify(Terminal terminal, LabCatalog lab, VerifyRequest request, List<VerifiedFolder> found,
        CancellationToken cancellation)
    {
        var lines = request.Json ? TextWriter.Null : terminal.Out;
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
            var now = new VerifiedFolder(verified);
            found.Add(now);
            lines.WriteLine($"{proposal.Folder}: {proposal.Title} ({proposal.Encoding.Name})");
            foreach (var outcome in verified.Outcomes)
            {
                lines.WriteLine($"  {EvidenceFiles.Word(outcome.Verdict),-14}{outcome.Kind} {outcome.Id}: "
                    + (outcome.Verdict == Verdict.Holds ? outcome.Found : VerifiedFolder.Beside(outcome)));
                exit = outcome.Verdict switch
                {
                    Verdict.DoesNotHold => ExitCode.Violation,
                    Verdict.NotDecided when exit == ExitCode.Fine => ExitCode.Undecided,
                    _ => exit,
                };
            }

            if (cancellation.IsCancellationRequested)
            {
                lines.WriteLine("  evidence      as it was: interrupted");
                return exit == ExitCode.Fine ? ExitCode.Undecided : exit;
            }

            var files = EvidenceFiles.Of(verified, request.Seed, request.Seeds);
            var folder = folders[proposal];
            now.Stale = folder.Stale(files);
            now.Evidence = request.Update ? EvidenceState.Written : now.Stale.Count == 0 ? EvidenceState.UpToDate
                : folder.IsEmpty ? EvidenceState.NoneYet : EvidenceState.Stale;
            if (request.Update)
            {
                folder.Update(files);
            }

            lines.WriteLine(now.Evidence switch
            {
                EvidenceState.Written => $"  evidence      written to {folder.Path}",
                EvidenceState.UpToDate => "  evidence      is what the claims say now",
                EvidenceState.NoneYet => "  NONE YET      evidence: run with --update to write it",
                _ => $"  STALE         {string.Join(", ", now.Stale)}: run with --update and read the difference",
            });
            exit = now.Evidence is EvidenceState.NoneYet or EvidenceState.Stale ? ExitCode.Violation : exit;
        }

        return exit;
    }
}
