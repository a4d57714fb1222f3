namespace UapiLab.Cli.Plugins;

/// <summary>What a worker is for.</summary>
/// <param name="Words">The command line that it does.</param>
/// <param name="Limits">What it may take.</param>
internal sealed record WorkerTask(IReadOnlyList<string> Words, PluginLimits Limits)
{
    /// <summary>The encoding about which it answers questions one by one; null: it does what the command line says.
    /// </summary>
    public string? Serves { get; init; }

    /// <summary>The only classes of plugins that it makes; null: all that the command line names.</summary>
    public IReadOnlyList<PluginPart>? Parts { get; init; }

    /// <summary>AddressSanitizer's library, where plugins in C are to be built with it; null: they are not.</summary>
    public string? Sanitiser { get; init; }

    /// <summary>Workloads of whichever plugin; they are data.</summary>
    public IReadOnlyList<DescribedWorkload> Workloads { get; init; } = [];
}

/// <summary>A class of a plugin.</summary>
/// <param name="Path">Of the plugin.</param>
/// <param name="Class">Full name.</param>
internal sealed record PluginPart(string Path, string Class);

/// <summary>What a worker may take.</summary>
/// <param name="Seconds">Time without progress: for one run of a comparison, or between two looks of a search at the
/// clock.</param>
/// <param name="MemoryMiB">Managed memory.</param>
internal sealed record PluginLimits(int Seconds, int MemoryMiB);
