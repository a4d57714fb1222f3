using System.CommandLine;

namespace UapiLab.Cli.Plugins;

/// <summary>Says what plugins bring, in a worker. Not for users.</summary>
internal sealed class LoadCommand : Command
{
    public const string Word = "load-plugins";

    public LoadCommand(PluginHost plugins)
        : base(Word)
    {
        Hidden = true;
        PluginHost.AddTo(this);
        SetAction((result, _) => Task.FromResult(plugins.ServeDescriptions(result)));
    }
}
