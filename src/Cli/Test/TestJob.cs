using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Testing;

namespace UapiLab.Cli.Test;

/// <summary>One property after the other, and then what they say together.</summary>
internal static class TestJob
{
    public static int Run(Terminal terminal, LabCatalog lab, TestRequest request, CancellationToken cancellation)
    {
        if (request.Encodings.Count == 0)
        {
            throw new InputException("test", "expected an encoding");
        }

        var exit = ExitCode.Fine;
        foreach (var encoding in request.Encodings.Select(lab.Encodings.Resolve).ToArray())
        {
            var of = Run(terminal, request, encoding, cancellation);
            exit = exit == ExitCode.Violation ? exit : of;
        }

        return exit;
    }

    private static int Run(Terminal terminal, TestRequest request, Encoding encoding, CancellationToken cancellation)
    {
        var name = encoding.Description.FullName;
        var width = request.Properties.Max(p => p.Length);
        var failures = new List<ConformanceFailure>();
        var tried = 0;
        terminal.Out.WriteLine(name);
        foreach (var property in request.Properties.TakeWhile(_ => !cancellation.IsCancellationRequested
            && (failures.Count == 0 || request.KeepGoing)))
        {
            var failure = ConformanceKit.Check(encoding, property,
                request.Settings with { Progress = () => request.Heartbeat($"trying {property} of {name}") });
            terminal.Out.WriteLine($"  {property.PadRight(width)}  "
                + (failure is null ? "holds" : $"BROKEN: {failure.Rule}"));
            failures.AddRange(failure is null ? [] : [failure]);
            tried++;
        }

        foreach (var failure in failures)
        {
            terminal.Out.WriteLine();
            terminal.Out.Write(failure.ToString());
            if (failure.Replay is { } replay)
            {
                terminal.Out.WriteLine($"again: --property {failure.Property} --replay {replay}");
            }
        }

        terminal.Out.WriteLine();
        var left = request.Properties.Count - tried;
        var untried = left == 0 ? ""
            : Invariant($" {left} of {request.Properties.Count} were not tried")
                + (cancellation.IsCancellationRequested ? ": interrupted." : " (--keep-going).");
        terminal.Out.WriteLine((failures.Count > 0
            ? $"{name} breaks {string.Join(", ", failures.Select(f => f.Property))}."
            : Invariant($"{name} keeps {tried} of {tried} properties of the kit.")) + untried);
        return failures.Count > 0 ? ExitCode.Violation : left > 0 ? ExitCode.Undecided : ExitCode.Fine;
    }
}
