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
    /// <summary>Runs it.</summary>
    /// <param name="reader">The CPU of the thread that reads and places.</param>
    /// <param name="faulting">CPUs of the threads that touch, one each.</param>
    /// <param name="pages">That each of them touches, all of them its own.</param>
    /// <param name="fetchNs">What a page takes to come.</param>
    public static unsafe UserfaultfdRun Of(int reader, IReadOnlyList<int> faulting, int pages, double fetchNs = 0)
    {
        var faults = pages * faulting.Count;
        var latency = new double[faults];
        var ends = new double[faulting.Count];
        var waited = new double[faulting.Count + 1];
        using var memory = new Mapping(faults);
        using var pageReader = new PageReader(new(memory), faults, fetchNs);
        using var ready = new Barrier(faulting.Count + 1);
        var begin = 0.0;

        void Serve()
        {
            var before = Cpus.WaitedNs;
            ready.SignalAndWait();
            begin = Clock.Ns;
            try
            {
                pageReader.Serve();
            }
            catch
            {
                // Those who wait go on without the page.
                pageReader.Dispose();
                throw;
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

        var threads = new List<PinnedThread> { new(reader, Serve) };
        threads.AddRange(faulting.Select((cpu, thread) => new PinnedThread(cpu, () => Touch(thread))));
        threads.ForEach(thread => thread.Dispose());
        return new(ends.Max() - begin, waited.Sum(), latency, pageReader.ReadingNs, pageReader.PlacingNs);
    }
}
