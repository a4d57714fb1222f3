namespace UapiLab.Cli.Plugins;

/// <summary>What a worker may take.</summary>
/// <param name="Seconds">Time without progress: for one run of a comparison, or between two looks of a search at the clock.</param>
/// <param name="MemoryMiB">Managed memory.</param>
internal sealed record PluginLimits(int Seconds, int MemoryMiB);
