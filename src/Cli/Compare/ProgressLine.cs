using System.Diagnostics;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Cli.Compare;

/// <summary>One line on a terminal that is written over; a few times a second at most.</summary>
internal sealed class ProgressLine(TextWriter error) : IProgress<ComparisonProgress>
{
    private const long IntervalMs = 100;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Lock gate = new();
    private long nextMs;
    private int shown;

    /// <summary>The same for reading traces.</summary>
    public IProgress<long> Bytes => new Reading(this);

    /// <inheritdoc/>
    public void Report(ComparisonProgress value) =>
        Show(Invariant($"{value.Phase}: {value.Done} of {value.Total} runs, {clock.Elapsed.TotalSeconds:F0} s"));

    /// <summary>Leaves an empty line behind.</summary>
    public void Clear()
    {
        lock (gate)
        {
            error.Write('\r' + new string(' ', shown) + '\r');
            shown = 0;
        }
    }

    private void Show(string text)
    {
        if (clock.ElapsedMilliseconds < Volatile.Read(ref nextMs))
        {
            return;
        }

        lock (gate)
        {
            if (clock.ElapsedMilliseconds < nextMs)
            {
                return;
            }

            nextMs = clock.ElapsedMilliseconds + IntervalMs;
            error.Write('\r' + text.PadRight(shown));
            shown = text.Length;
        }
    }

    private sealed class Reading(ProgressLine line) : IProgress<long>
    {
        public void Report(long value) => line.Show(Invariant($"reading traces: {value / 1024} KiB"));
    }
}
