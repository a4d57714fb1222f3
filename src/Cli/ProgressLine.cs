using System.Diagnostics;
using UapiLab.Harness.Comparisons;

namespace UapiLab.Cli;

/// <summary>One line on a terminal that is written over; a few times a second at most.</summary>
internal sealed class ProgressLine(TextWriter error) : IProgress<ComparisonProgress>
{
    private const long IntervalMs = 100;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private long _nextMs;
    private int _shown;

    /// <summary>The same for reading traces.</summary>
    public IProgress<long> Bytes => new Reading(this);

    /// <inheritdoc/>
    public void Report(ComparisonProgress value) => Show(() =>
        Invariant($"{value.Phase}: {value.Done} of {value.Total} runs, {_clock.Elapsed.TotalSeconds:F0} s"));

    /// <summary>Leaves an empty line behind.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            error.Write('\r' + new string(' ', _shown) + '\r');
            _shown = 0;
        }
    }

    /// <summary>Writes the line, unless one was written just now.</summary>
    public void Show(Func<string> line)
    {
        if (_clock.ElapsedMilliseconds < Volatile.Read(ref _nextMs))
        {
            return;
        }

        lock (_gate)
        {
            if (_clock.ElapsedMilliseconds < _nextMs)
            {
                return;
            }

            _nextMs = _clock.ElapsedMilliseconds + IntervalMs;
            var text = line();
            error.Write('\r' + text.PadRight(_shown));
            _shown = text.Length;
        }
    }

    private sealed class Reading(ProgressLine line) : IProgress<long>
    {
        public void Report(long value) => line.Show(() => Invariant($"reading traces: {value / 1024} KiB"));
    }
}
