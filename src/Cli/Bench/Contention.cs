namespace UapiLab.Cli.Bench;

/// <summary>Threads that look up while one publishes.</summary>
internal static class Contention
{
    /// <summary>Frames published between two looks at whether the readers are done.</summary>
    private const long Burst = 64;

    /// <summary>Mean over the readers of ns per look-up.</summary>
    public static double Measure(int readers, long operations, Action<long> lookUp, Action<long> publish)
    {
        using var start = new Barrier(readers + 1);
        var left = readers;
        var times = new double[readers];
        var threads = Enumerable.Range(0, readers + 1).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            if (i < readers)
            {
                times[i] = Pairs.Time(operations, () => lookUp(operations));
                Interlocked.Decrement(ref left);
                return;
            }

            while (Volatile.Read(ref left) > 0)
            {
                publish(Burst);
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return times.Average();
    }
}
