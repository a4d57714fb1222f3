using System.CommandLine;

namespace UapiLab.Cli.Plugins;

/// <summary>Says what plugins bring, and is there in workers only.</summary>
internal sealed class LoadCommand : Command
{
    public const string Word = "load-plugins";

    public LoadCommand(PluginHost plugins)
        : base(Word)
    {
        PluginHost.AddTo(this);
        SetAction((result, _) => Task.FromResult(plugins.ServeDescriptions(result)));
    }
}
