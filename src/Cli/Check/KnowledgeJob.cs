using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Cli.Check;

/// <summary>Asks what KVM can know with an encoding. Its answers are findings: they set the exit code only where asked
/// to.</summary>
internal static class KnowledgeJob
{
    private const int MostStates = 2_000_000;

    /// <returns>Null if the encoding breaks the contract.</returns>
    public static (KnowledgeOutcome Outcome, TimeSpan Elapsed)? Run(Terminal terminal, Encoding encoding,
        CheckRequest request, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var progress = request.Quiet || terminal.Progress is not { } shows ? null : new ProgressLine(shows);
        bool Beating()
        {
            progress?.Show(() => $"{encoding.Description.FullName}: what KVM can know, "
                + Invariant($"{clock.Elapsed.TotalSeconds:F0} s; no estimate"));
            request.Heartbeat($"asking what KVM can know with {encoding.Description.FullName}");
            return false;
        }

        KnowledgeOutcome outcome;
        try
        {
            outcome = KnowledgeCheck.Run(encoding, MostStates,
                () => Beating() || cancellation.IsCancellationRequested
                    || (request.TimeSeconds > 0 && clock.Elapsed.TotalSeconds > request.TimeSeconds));
        }
        catch (EncodingDefectException e)
        {
            terminal.Error.WriteLine(
                $"uapilab: {encoding.Description.FullName}: breaks the contract: {Cli.Plugins.DefectText.Of(e)}");
            return null;
        }

        progress?.Clear();
        if (!request.Json && !request.Quiet)
        {
            KnowledgeOutput.Write(terminal.Out, outcome, clock.Elapsed);
        }

        return (outcome, clock.Elapsed);
    }

    /// <summary>The exit code that the required concerns make of an outcome.</summary>
    public static int ExitOf(KnowledgeOutcome outcome, IReadOnlyList<string> required)
    {
        var asked = outcome.Findings.Where(f => required.Contains(f.Id)).ToArray();
        return asked.Any(f => f.Verdict == KnowledgeVerdict.Broken) ? ExitCode.Violation
            : asked.Any(f => f.Verdict == KnowledgeVerdict.NotDecided) ? ExitCode.Undecided
            : ExitCode.Fine;
    }
}
