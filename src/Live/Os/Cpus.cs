using System.Globalization;

namespace UapiLab.Live.Os;

/// <summary>The CPUs that this process may use.</summary>
/// <param name="Allowed">All of them, in order.</param>
/// <param name="Cores">One of each core.</param>
internal sealed record Cpus(IReadOnlyList<int> Allowed, IReadOnlyList<int> Cores)
{
    private const int MostWords = 128;

    /// <summary>How long this thread could have run and had no CPU, in ns since it began; 0 where the kernel does not
    /// say.</summary>
    public static double WaitedNs => SystemFile.Line("/proc/thread-self/schedstat")?.Split(' ') is [_, var waited, ..]
        ? double.Parse(waited, CultureInfo.InvariantCulture) : 0;

    public static unsafe Cpus OfProcess()
    {
        var words = stackalloc ulong[MostWords];
        Libc.Check(Libc.GetAffinity(0, MostWords * sizeof(ulong), words), "sched_getaffinity");
        List<int> allowed = [];
        for (var cpu = 0; cpu < MostWords * 64; cpu++)
        {
            if ((words[cpu / 64] >> (cpu % 64) & 1) != 0)
            {
                allowed.Add(cpu);
            }
        }

        return new(allowed, [.. allowed.DistinctBy(CoreOf)]);
    }

    /// <summary>Two threads of one core have the same first thread.</summary>
    private static string CoreOf(int cpu)
    {
        var own = cpu.ToString(CultureInfo.InvariantCulture);
        return SystemFile.Line($"/sys/devices/system/cpu/cpu{own}/topology/thread_siblings_list") ?? own;
    }
}

/// <summary>A thread of its own on one CPU. Whoever disposes of it waits for its end, and meets what it
/// threw.</summary>
internal sealed class PinnedThread : IDisposable
{
    private readonly Thread _thread;
    private Exception? _thrown;

    public PinnedThread(int cpu, Action work)
    {
        _thread = new(() =>
        {
            try
            {
                Pin(cpu);
                work();
            }
            catch (Exception e)
            {
                _thrown = e;
            }
        })
        { IsBackground = true, Name = "uapilab-probe" };
        _thread.Start();
    }

    /// <summary>Runs something on one CPU and waits for it.</summary>
    public static void Run(int cpu, Action work)
    {
        using var thread = new PinnedThread(cpu, work);
    }

    public void Dispose()
    {
        _thread.Join();
        if (_thrown is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_thrown);
        }
    }

    private static unsafe void Pin(int cpu)
    {
        var words = stackalloc ulong[(cpu / 64) + 1];
        words[cpu / 64] = 1UL << (cpu % 64);
        Libc.Check(Libc.SetAffinity(0, ((cpu / 64) + 1) * sizeof(ulong), words), "sched_setaffinity");
    }
}

/// <summary>A thread that runs on a CPU and does nothing there.</summary>
internal sealed class BusyThread : IDisposable
{
    private readonly PinnedThread _thread;
    private long _turns;
    private long _seen;
    private bool _stop;

    public BusyThread(int cpu) => _thread = new(cpu, () =>
    {
        while (!Volatile.Read(ref _stop))
        {
            Volatile.Write(ref _turns, _turns + 1);
        }
    });

    /// <summary>Whether it ran since it was last asked. Something else may have its CPU for a while.</summary>
    public bool Ran()
    {
        var turns = Volatile.Read(ref _turns);
        var ran = turns != _seen;
        _seen = turns;
        return ran;
    }

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _thread.Dispose();
    }
}
