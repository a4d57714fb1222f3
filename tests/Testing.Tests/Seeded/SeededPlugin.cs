using UapiLab.Abstractions;
using UapiLab.Plugins;

namespace UapiLab.Testing.Tests.Seeded;

/// <summary>The seeded defects and what they vary, as a stranger's assembly.</summary>
internal static class SeededPlugin
{
    private static readonly Lazy<Plugin> s_plugin = new(() =>
        Assert.Single(PluginFiles.Load([Path.Combine(AppContext.BaseDirectory, "UapiLab.SeededPlugins.dll")],
            builds: "nothing is compiled")));

    public static IReadOnlyList<IEncodingFamily> Families => s_plugin.Value.Families;

    public static IEncodingFamily Family(string id) => Families.Single(f => f.Id == id);
}
