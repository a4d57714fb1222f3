using System.Diagnostics;

namespace UapiLab.Live.Os;

/// <summary>The one place where a library reads a clock, since what it measures is this host.</summary>
internal static class Clock
{
#pragma warning disable RS0030 // A measurement is of real time; nothing of the simulator may call this.
    private static readonly double s_nsOfTick = 1e9 / Stopwatch.Frequency;

    /// <summary>Now, in ns since some moment of the past.</summary>
    public static double Ns => Stopwatch.GetTimestamp() * s_nsOfTick;

    /// <summary>Has the thread sleep for a millisecond.</summary>
    public static void Nap() => Thread.Sleep(1);
#pragma warning restore RS0030
}
