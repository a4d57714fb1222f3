namespace UapiLab.Harness.Simulation.Traces;

/// <summary>
/// The events of one log in the order of their stamps. The stamp is taken before the log's lock, so a thread that
/// loses its processor in between writes its line late, sometimes by milliseconds.
/// </summary>
internal sealed class PostcopyLog(TraceLines lines)
{
    private const long WindowNs = 50_000_000;

    /// <summary>Lines written after one with a later stamp.</summary>
    public long LateLines { get; private set; }

    public IEnumerable<PostcopyEvent> InTimeOrder()
    {
        var waiting = new PriorityQueue<PostcopyEvent, (long AtNs, long Line)>();
        long newest = long.MinValue;
        bool readAnyEvent = false;
        while (lines.MoveNext())
        {
            // Before the first event the file may hold whatever the process printed at its start.
            if (AsciiText.IsBlank(lines.Current) || (!readAnyEvent && !PostcopyLine.TrySplit(lines.Current, out _)))
            {
                continue;
            }

            readAnyEvent = true;
            PostcopyEvent next = PostcopyEventParser.Parse(lines);
            LateLines += next.AtNs < newest ? 1 : 0;
            newest = Math.Max(newest, next.AtNs);
            waiting.Enqueue(next, (next.AtNs, lines.Number));
            while (waiting.Peek().AtNs < newest - WindowNs)
            {
                yield return waiting.Dequeue();
            }
        }

        while (waiting.TryDequeue(out PostcopyEvent left, out _))
        {
            yield return left;
        }
    }
}
