using System.Text;
using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Pages;

namespace UapiLab.Cli.Compare;

/// <summary><c>report</c>: the page of results that were written earlier.</summary>
internal sealed class ReportCommand : ExampleCommand
{
    public ReportCommand(Terminal terminal)
        : base(
            "report",
            "Makes one HTML page from the JSON of compare, check and concerns, one after another.",
            "report artifacts/compare/latest/report.json",
            "report artifacts/compare/latest/report.json artifacts/concerns/matrix.json --html all.html",
            "report before/report.json after/report.json --html both.html") =>
        Runs(args => new ReportRequest(args), (request, cancellation) => Run(terminal, request, cancellation));

    private static int Run(Terminal terminal, ReportRequest request, CancellationToken cancellation)
    {
        if (request.Files.Count == 0)
        {
            throw new InputException("report", $"expected one or more files, each {ReportPage.Takes}");
        }

        ReadOnlyMemory<byte> Read(string file) => InputFile.Read(file, ReportPage.Takes, cancellation);
        var page = ReportPage.Write([.. request.Files.Select(file => (file, Read(file)))]);
        if (Path.Exists(request.Html) && !IsPage(request.Html, cancellation))
        {
            throw new InputException(request.Html,
                "something else than a page of ours is there, expected a new file or an older page");
        }

        OutputFile.Write(request.Html, page);
        if (!request.Quiet)
        {
            terminal.Out.WriteLine($"Report: {request.Html}");
        }

        return ExitCode.Fine;
    }

    private static bool IsPage(string path, CancellationToken cancellation) =>
        Encoding.UTF8.GetString(InputFile.Read(path, "an older page", cancellation))
            .StartsWith(ReportPage.Start, StringComparison.Ordinal);
}

/// <summary>The arguments of <c>report</c>.</summary>
internal sealed class ReportRequest(Arguments args)
{
    public IReadOnlyList<string> Files { get; } = args.Words(
        "FILE", "report.json, matrix.json, or what check --json, live --json or compare --published --json wrote.");

    public string Html { get; } = args.Output(
        "--html", "FILE", "Where the page goes. Only an older page is replaced.", "report.html");

    public bool Quiet { get; } = args.Quiet();
}
