using System.Collections.Concurrent;
using System.Globalization;

namespace UapiLab.Cli.Plugins;

/// <summary>What plugins printed in several workers, told at the end by their names, whoever was first.</summary>
internal sealed class PluginPrints(TextWriter error) : IDisposable
{
    private readonly ConcurrentDictionary<string, StringWriter> _printed = [];

    /// <summary>For one worker.</summary>
    public TextWriter For(string who) =>
        _printed.GetOrAdd(who, _ => new StringWriter(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        foreach (var (_, text) in _printed.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            error.Write(text.ToString());
        }
    }
}
