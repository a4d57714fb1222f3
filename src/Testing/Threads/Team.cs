namespace UapiLab.Testing.Threads;

/// <summary>Threads that begin each round together: starting them anew would take longer than a round, and nothing would race.</summary>
internal sealed class Team : IDisposable
{
    private readonly Barrier barrier;
    private readonly Thread[] threads;
    private IReadOnlyList<Action>? work;

    public Team(int size)
    {
        barrier = new(size + 1);
        threads = [.. Enumerable.Range(0, size).Select(i => new Thread(() => Follow(i)) { IsBackground = true })];
        foreach (var thread in threads)
        {
            thread.Start();
        }
    }

    /// <summary>Returns when all are done; none may throw.</summary>
    public void Run(IReadOnlyList<Action> actions)
    {
        work = actions;
        barrier.SignalAndWait();
        barrier.SignalAndWait();
    }

    public void Dispose()
    {
        work = null;
        barrier.SignalAndWait();
        foreach (var thread in threads)
        {
            thread.Join();
        }

        barrier.Dispose();
    }

    private void Follow(int member)
    {
        while (true)
        {
            barrier.SignalAndWait();
            if (work is not { } now)
            {
                return;
            }

            if (member < now.Count)
            {
                now[member]();
            }

            barrier.SignalAndWait();
        }
    }
}
