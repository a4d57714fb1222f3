using System.Diagnostics;

namespace UapiLab.Cli.Plugins;

/// <summary>In a worker: ends it when it is stuck or nobody wants its answer any more, and leaves word of how it ended.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly int seconds;
    private readonly bool isServer;
    private readonly Timer timer;
    private long lastBeat = Stopwatch.GetTimestamp();
    private string doing = "";
    private Action? again;
    private bool isDone;

    public Watchdog(int seconds, bool isServer)
    {
        this.seconds = seconds;
        this.isServer = isServer;
        timer = new Timer(_ => Look(), null, 100, 100);
        AppDomain.CurrentDomain.ProcessExit += SayWhoEndedIt;
        if (!isServer)
        {
            new Thread(EndWithParent) { IsBackground = true }.Start();
        }
    }

    /// <param name="what">What is being done.</param>
    /// <param name="alone">Something like it on one thread, for finding out where it is stuck.</param>
    public void Beat(string what, Action? alone = null)
    {
        doing = what;
        again = alone;
        Volatile.Write(ref lastBeat, Stopwatch.GetTimestamp());
    }

    /// <summary>The command has come to its end, so that what follows is not the plugin's doing.</summary>
    public void Done()
    {
        isDone = true;
        LastWords.Say(LastWords.Done);
    }

    /// <summary>What went wrong, and at what.</summary>
    public void Tell(string what)
    {
        isDone = true;
        LastWords.Say($"{what}, while {doing}");
    }

    public void Dispose()
    {
        timer.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= SayWhoEndedIt;
    }

    private void Look()
    {
        // A server is watched by whoever asked it, run by run.
        if (!isServer && Stopwatch.GetElapsedTime(Volatile.Read(ref lastBeat)).TotalSeconds > seconds)
        {
            timer.Change(Timeout.Infinite, Timeout.Infinite);
            var place = again is null ? null : Stoppable.Run(again, TimeSpan.FromSeconds(2));
            LastWords.Say(Invariant($"made no progress for {seconds} s while {doing}: {place ?? "an endless loop?"}"));
            Process.GetCurrentProcess().Kill();
        }
    }

    /// <summary>Whoever leaves while the command is at work is not the command.</summary>
    private void SayWhoEndedIt(object? sender, EventArgs e)
    {
        if (!isDone)
        {
            LastWords.Say($"ended its process (Environment.Exit){(doing.Length > 0 ? " while " + doing : "")}");
        }
    }

    private static void EndWithParent()
    {
        while (Console.In.Read() >= 0)
        {
        }

        Process.GetCurrentProcess().Kill();
    }
}
