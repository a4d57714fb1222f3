using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>Who reads a userfaultfd and places pages, a fetch after it was asked for each.</summary>
internal sealed unsafe class PageReader : IDisposable
{
    private const double PatienceNs = 10e9;

    private readonly Userfaultfd _userfaultfd;
    private readonly double _fetchNs;
    private readonly Mapping _content = new(1);
    private readonly ulong[] _asked;
    private readonly double[] _due;

    /// <param name="userfaultfd">Whose; it goes with the reader.</param>
    /// <param name="faults">That it serves.</param>
    /// <param name="fetchNs">What a page takes to come; 0: it is there.</param>
    public PageReader(Userfaultfd userfaultfd, int faults, double fetchNs = 0)
    {
        (_userfaultfd, _fetchNs) = (userfaultfd, fetchNs);
        (_asked, _due) = (new ulong[faults], new double[faults]);
        (ReadingNs, PlacingNs) = (new double[faults], new double[faults]);
        Libc.Fill(_content.At, 1, Mapping.PageBytes);
    }

    /// <summary>Of each read(2), which finds a message.</summary>
    public double[] ReadingNs { get; }

    /// <summary>Of each UFFDIO_COPY.</summary>
    public double[] PlacingNs { get; }

    /// <summary>Serves all of them. Whoever serves must not allocate: a collection would wait for those who wait for
    /// it.</summary>
    public void Serve()
    {
        if (_fetchNs > 0)
        {
            Libc.SleepExactly();
        }

        var (faults, read, placed) = (_asked.Length, 0, 0);
        while (placed < faults)
        {
            var now = Clock.Ns;
            if (placed < read && _due[placed] <= now)
            {
                Place(placed++);
            }
            else if (_userfaultfd.Wait(placed < read ? _due[placed] - now : PatienceNs))
            {
                read += Read(read) ? 1 : 0;
            }
            else if (placed == read)
            {
                throw new ProbeFailedException(Invariant($"{read} of {faults} faults came, and no other within ")
                    + Invariant($"{PatienceNs / 1e9} s"));
            }
        }
    }

    /// <summary>Whoever sleeps on a page goes on without one.</summary>
    public void Dispose()
    {
        _userfaultfd.Dispose();
        _content.Dispose();
    }

    private bool Read(int place)
    {
        var asked = Clock.Ns;
        _asked[place] = _userfaultfd.ReadFault();
        var read = Clock.Ns;
        (ReadingNs[place], _due[place]) = (read - asked, read + _fetchNs);
        return _asked[place] != 0;
    }

    private void Place(int place)
    {
        var begin = Clock.Ns;
        _userfaultfd.Place((byte*)(_asked[place] & ~((ulong)Mapping.PageBytes - 1)), _content.At);
        PlacingNs[place] = Clock.Ns - begin;
    }
}
