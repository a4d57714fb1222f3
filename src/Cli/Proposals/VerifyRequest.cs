namespace UapiLab.Cli.Proposals;

/// <summary>A parsed <c>proposals verify</c> command line.</summary>
internal sealed record VerifyRequest(IReadOnlyList<string> Folders, string Directory, bool Update, ulong Seed, int Seeds, int Threads)
{
    /// <summary>Tells whoever watches this process that it gets on, and with what.</summary>
    public Action<string> Beat { get; init; } = static _ => { };
}
