namespace UapiLab.Cli.Proposals;

/// <summary>A parsed <c>proposals verify</c> command line.</summary>
internal sealed record VerifyRequest(IReadOnlyList<string> Folders, string Directory, bool Update, ulong Seed, int Seeds, int Threads);
