using System.Runtime;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>Code that is stopped after a time, wherever it is, so that it can be said where that was. It may leave
/// anything half done, in a process that is good for nothing else.</summary>
internal static class Stoppable
{
    /// <summary>From so much on, allocating may be what takes the time.</summary>
    private const long MuchAllocated = 1L << 30;

    /// <returns>Null if it came to its end, by itself or by an exception of its own; else what it may have been at, and
    /// where it was.</returns>
    public static string? Run(Action action, TimeSpan limit)
    {
        string? place = null;
        var allocated = GC.GetTotalAllocatedBytes();
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
            return Guess(allocated) + (place is null ? "" : ", at " + place);
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

    /// <summary>Why something may not have ended.</summary>
    /// <param name="allocated">What the process had allocated when it began.</param>
    public static string Guess(long allocated)
    {
        var meanwhile = GC.GetTotalAllocatedBytes() - allocated;
        return meanwhile < MuchAllocated
            ? "an endless loop?"
            : Invariant($"an endless loop, or arrays too large ({meanwhile >> 30} GiB allocated meanwhile)?");
    }
}
