namespace UapiLab.Cli;

/// <summary>Threads, divided among parts that are done side by side. The last parts have more of them.</summary>
/// <param name="threads">In all.</param>
/// <param name="parts">What is to do.</param>
internal sealed class ThreadShare(int threads, int parts)
{
    private int _left = parts;

    /// <summary>Parts that are done at the same time.</summary>
    public int AtOnce { get; } = Math.Max(1, Math.Min(threads, parts));

    /// <summary>Threads that a part may use now. It may change before its next batch.</summary>
    public int Now() => Math.Max(1, threads / Math.Max(1, Volatile.Read(ref _left)));

    /// <summary>A part is done.</summary>
    public void Done() => Interlocked.Decrement(ref _left);
}
