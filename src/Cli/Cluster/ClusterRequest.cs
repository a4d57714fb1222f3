using UapiLab.Cli.Commands;

namespace UapiLab.Cli.Cluster;

/// <summary>The arguments of a command whose work silos can do. Texts: nothing of <c>UapiLab.Cluster</c> is touched
/// without them.</summary>
internal sealed class ClusterRequest(Arguments args)
{
    public const string Option = "--cluster";

    /// <summary>Null: the work is done here.</summary>
    public string? Silos { get; } = args.Text(
        Option,
        "HOST:PORT,…",
        "Have silos search, which uapilab silo runs, with the same result (docs/scale.md). --max-memory and "
            + "--threads are then about this process; silos have their own.");

    public CertificateRequest Certificates { get; } = new(args);

    /// <summary>What only one process can do is refused.</summary>
    public void Check() => args.Excludes(Option, "expected one of them: silos search breadth first, by fingerprints, "
        + "what is built in", "--random", "--depth-first", "--exact", "--plugin");
}

/// <summary>The arguments for mutual TLS.</summary>
internal sealed class CertificateRequest(Arguments args)
{
    public string? Certificate { get; } = args.Text(
        "--certificate", "FILE", "This side's certificate and key, PEM; needed beyond loopback.");

    public string? Authority { get; } = args.Text(
        "--authority", "FILE", "The certificate that signed those of all silos and searches, PEM.");
}
