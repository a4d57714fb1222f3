using System.CommandLine;

namespace UapiLab.Cli.Plugins;

/// <summary>Loads plugins and makes every variant of theirs, in a process that may die of it. Not for users.</summary>
internal sealed class LoadCommand : Command
{
    public const string Word = "load-plugins";

    public LoadCommand(PluginHost plugins)
        : base(Word)
    {
        Hidden = true;
        PluginHost.AddTo(this);
        SetAction((result, cancellation) => Task.FromResult(plugins.Forward(result, _ => ExitCode.Fine, cancellation)));
    }
}
