using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>Threads that touch missing pages, and one that places them by userfaultfd.</summary>
/// <param name="ElapsedNs">From the first touch to the last.</param>
/// <param name="WaitedNs">How long its threads together could have run and had no core.</param>
/// <param name="LatencyNs">Of each touch.</param>
/// <param name="ReadingNs">Of each read(2), which finds a message.</param>
/// <param name="PlacingNs">Of each UFFDIO_COPY.</param>
internal sealed record UserfaultfdRun(
    double ElapsedNs, double WaitedNs, IReadOnlyList<double> LatencyNs, IReadOnlyList<double> ReadingNs,
    IReadOnlyList<double> PlacingNs)
{
    private const int PatienceMs = 10_000;

    /// <summary>Runs it.</summary>
    /// <param name="reader">The CPU of the thread that reads and places.</param>
    /// <param name="faulting">CPUs of the threads that touch, one each.</param>
    /// <param name="pages">That each of them touches, all of them its own.</param>
    public static unsafe UserfaultfdRun Of(int reader, IReadOnlyList<int> faulting, int pages)
    {
        var faults = pages * faulting.Count;
        var (latency, reading, placing) = (new double[faults], new double[faults], new double[faults]);
        var ends = new double[faulting.Count];
        var waited = new double[faulting.Count + 1];
        using var memory = new Mapping(faults);
        using var content = new Mapping(1);
        Libc.Fill(content.At, 1, Mapping.PageBytes);
        using var userfaultfd = new Userfaultfd(memory);
        using var ready = new Barrier(faulting.Count + 1);
        var begin = 0.0;

        // Whoever serves must not allocate: a collection would wait for those who wait for it.
        void Serve()
        {
            var before = Cpus.WaitedNs;
            ready.SignalAndWait();
            begin = Clock.Ns;
            for (var served = 0; served < faults;)
            {
                if (!userfaultfd.Wait(PatienceMs))
                {
                    throw new ProbeFailedException(
                        Invariant($"{served} of {faults} faults came, and no other within {PatienceMs / 1_000} s"));
                }

                var asked = Clock.Ns;
                var address = userfaultfd.ReadFault();
                if (address == 0)
                {
                    continue;
                }

                var read = Clock.Ns;
                userfaultfd.Place((byte*)(address & ~((ulong)Mapping.PageBytes - 1)), content.At);
                (reading[served], placing[served]) = (read - asked, Clock.Ns - read);
                served++;
            }

            waited[faulting.Count] = Cpus.WaitedNs - before;
        }

        void Touch(int thread)
        {
            var before = Cpus.WaitedNs;
            ready.SignalAndWait();
            for (var page = thread * pages; page < (thread + 1) * pages; page++)
            {
                var touched = Clock.Ns;
                Libc.Fill(memory.Page(page), 2, 1);
                latency[page] = Clock.Ns - touched;
            }

            ends[thread] = Clock.Ns;
            waited[thread] = Cpus.WaitedNs - before;
        }

        var threads = new List<PinnedThread>
        {
            new(reader, () =>
            {
                try
                {
                    Serve();
                }
                catch
                {
                    // Those who wait go on without the page.
                    userfaultfd.Dispose();
                    throw;
                }
            }),
        };
        threads.AddRange(faulting.Select((cpu, thread) => new PinnedThread(cpu, () => Touch(thread))));
        threads.ForEach(thread => thread.Dispose());
        return new(ends.Max() - begin, waited.Sum(), latency, reading, placing);
    }
}
