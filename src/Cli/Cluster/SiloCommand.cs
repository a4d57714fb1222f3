using UapiLab.Cli.Commands;
using UapiLab.Cluster;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Cluster;

/// <summary><c>silo</c>: a machine's part in exhaustive searches.</summary>
internal sealed class SiloCommand : ExampleCommand
{
    public SiloCommand(Terminal terminal, EncodingRegistry encodings)
        : base(
            "silo",
            "Takes part in exhaustive searches that check --cluster asks for, until Ctrl-C (docs/scale.md).",
            "silo --listen 127.0.0.1:7400",
            "silo --listen 127.0.0.1:7410 --join 127.0.0.1:7400",
            "silo --listen 192.0.2.7:7400 --certificate me.pem --authority ours.pem") =>
        Runs(args => new SiloRequest(args), (request, cancellation) =>
            Task.Run(() => Run(terminal, encodings, request, cancellation)).GetAwaiter().GetResult());

    private static async Task<int> Run(Terminal terminal, EncodingRegistry encodings, SiloRequest request,
        CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (request.UntilEof)
        {
            _ = Console.OpenStandardInput().CopyToAsync(Stream.Null, cancellation)
                .ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
        }

        var options = request.Options(SearchCluster.Code, encodings.Resolve);
        await SiloServer.RunAsync(options, () =>
        {
            if (!request.Quiet)
            {
                terminal.Out.WriteLine($"Silo {options.Listen.Text} is up, with {options.Threads} threads; silos "
                    + $"reach it at port {options.Listen.Silos.Port}. uapilab check … --cluster {options.Listen.Text}");
                terminal.Out.Flush();
            }
        }, end.Token);
        return ExitCode.Fine;
    }
}

/// <summary>The arguments of <c>silo</c>.</summary>
internal sealed class SiloRequest(Arguments args)
{
    private string Listen { get; } = args.Text(
        "--listen", "HOST:PORT", "Where searches reach it; other silos, at the next port.", "127.0.0.1:7400");

    private string? Join { get; } = args.Text(
        "--join", "HOST:PORT", "The first silo of the cluster. Default: this is the first.");

    private CertificateRequest Certificates { get; } = new(args);

    private int Threads { get; } = args.Threads();

    private int LimitMiB { get; } =
        args.Number("--max-memory", "MIB", "End searches beyond so much memory.", 12_000, 16, 1 << 20);

    public bool UntilEof { get; } = args.Flag(
        "--until-eof", "End with standard input too, as with the program that started it.");

    public bool Quiet { get; } = args.Quiet();

    public SiloOptions Options(string code, Func<string, Abstractions.Encoding> resolve) => new(
        SiloPlace.Parse("--listen", Listen),
        Join is null ? null : SiloPlace.Parse("--join", Join),
        Credentials.Read(Certificates.Certificate, Certificates.Authority),
        Threads == 0 ? Environment.ProcessorCount : Threads,
        (long)LimitMiB << 20,
        code,
        resolve);
}
