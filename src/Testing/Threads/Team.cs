namespace UapiLab.Testing.Threads;

/// <summary>Threads that begin each round together: starting them anew would take longer than a round, and nothing
/// would race.</summary>
internal sealed class Team : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _threads;
    private IReadOnlyList<Action>? _work;

    public Team(int size)
    {
        _barrier = new(size + 1);
        _threads = [.. Enumerable.Range(0, size).Select(i => new Thread(() => Follow(i)) { IsBackground = true })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Returns when all are done; none may throw.</summary>
    public void Run(IReadOnlyList<Action> actions)
    {
        _work = actions;
        _barrier.SignalAndWait();
        _barrier.SignalAndWait();
    }

    public void Dispose()
    {
        _work = null;
        _barrier.SignalAndWait();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _barrier.Dispose();
    }

    private void Follow(int member)
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_work is not { } now)
            {
                return;
            }

            if (member < now.Count)
            {
                now[member]();
            }

            _barrier.SignalAndWait();
        }
    }
}
