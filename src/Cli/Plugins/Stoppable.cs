using System.Runtime;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>Code that is stopped after a time, wherever it is, so that it can be said where that was. It may leave
/// anything half done, in a process that is good for nothing else.</summary>
internal static class Stoppable
{
    /// <returns>Null if it came to its end, by itself or by an exception of its own; else where it was.</returns>
    public static string? Run(Action action, TimeSpan limit)
    {
        string? place = null;
        using var time = new CancellationTokenSource(limit);
        AppDomain.CurrentDomain.FirstChanceException += Note;
        try
        {
#pragma warning disable SYSLIB0046 // exactly what it warns of: code that does not come back
            ControlledExecution.Run(action, time.Token);
#pragma warning restore SYSLIB0046
            return null;
        }
        catch (Exception) when (time.IsCancellationRequested)
        {
            return place is null ? "an endless loop?" : $"an endless loop?, at {place}";
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Note;
        }

        // Before anything is unwound, and before whoever is in between makes another exception of it.
        void Note(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e)
        {
            if (e.Exception is ThreadAbortException)
            {
                place ??= PluginFault.Here();
            }
        }
    }
}
