namespace UapiLab.Cli.Plugins;

/// <summary>What a process does that was started by another one to hold plugins.</summary>
/// <param name="Serves">The encoding whose runs it is asked for; null: it does what the command line says.</param>
internal sealed record WorkerRole(string? Serves)
{
    public const string Word = "worker";
    public const string RunsWord = "worker-runs";

    /// <summary>Takes the words off a command line that make it a worker's.</summary>
    public static WorkerRole? Of(ref string[] args)
    {
        switch (args)
        {
            case [Word, .. var rest]:
                args = rest;
                return new WorkerRole(Serves: null);
            case [RunsWord, var encoding, .. var rest]:
                args = rest;
                return new WorkerRole(encoding);
            default:
                return null;
        }
    }
}
