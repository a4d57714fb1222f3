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
        var proposals = ProposalFiles.ReadSome(request.Directory, lab);
        if (request.Folders.FirstOrDefault(f => proposals.All(p => p.Folder != f)) is { } unknown)
        {
            throw new InputException(unknown,
                $"no proposal below {request.Directory}, expected one of "
                + $"{string.Join(", ", proposals.Select(p => p.Folder))}");
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
        });
        var exit = ExitCode.Fine;
        foreach (var proposal in proposals.Where(p => request.Folders.Count == 0 || request.Folders.Contains(p.Folder)))
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
                exit = outcome.Verdict switch
                {
                    Verdict.DoesNotHold => ExitCode.Violation,
                    Verdict.NotDecided when exit == ExitCode.Fine => ExitCode.Undecided,
                    _ => exit,
                };
            }

            var folder = Path.Combine(request.Directory, proposal.Folder, EvidenceFiles.Folder);
            var stale = Evidence(folder, EvidenceFiles.Of(verified, request.Seed, request.Seeds), request.Update);
            terminal.Out.WriteLine(request.Update ? $"  evidence      written to {folder}" : stale.Count == 0
                ? "  evidence      is what the claims say now"
                : $"  STALE         {string.Join(", ", stale)}: run with --update and read the difference");
            exit = !request.Update && stale.Count > 0 ? ExitCode.Violation : exit;
        }

        return exit;
    }

    /// <returns>Files that are not what they should be.</returns>
    private static IReadOnlyList<string> Evidence(string folder, IReadOnlyList<KeyValuePair<string, string>> files,
        bool update)
    {
        var there = Directory.Exists(folder) ? Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).ToHashSet()
            : [];
        var stale = files.Where(f => !there.Contains(f.Key) || File.ReadAllText(Path.Combine(folder, f.Key)) != f.Value)
            .Select(f => f.Key)
            .Concat(there.Except(files.Select(f => f.Key))).Order(StringComparer.Ordinal).ToArray();
        if (update)
        {
            Directory.CreateDirectory(folder);
            foreach (var name in there)
            {
                File.Delete(Path.Combine(folder, name));
            }

            foreach (var (name, content) in files)
            {
                File.WriteAllText(Path.Combine(folder, name), content);
            }
        }

        return stale;
    }
}
