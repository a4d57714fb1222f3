using UapiLab.Live.Os;

namespace UapiLab.Live.Emulation;

/// <summary>Memory of the guest, and the VMM's own view of it. What KVM has not mapped is missing in the guest's: who
/// touches it there sleeps, and a userfaultfd says so. To map a page is UFFDIO_COPY from the VMM's.</summary>
internal sealed unsafe class GuestPages : IDisposable
{
    private const double RoundNs = 5e6;

    private readonly Mapping _guest;
    private readonly Mapping _vmm;
    private readonly Userfaultfd _userfaultfd;
    private readonly Thread _reader;
    private IReadOnlyDictionary<int, GuestTask> _tasks = new Dictionary<int, GuestTask>();
    private int _foreign;
    private volatile bool _isOver;

    /// <param name="pages">How many there are, none of them there.</param>
    /// <param name="fail">Told what keeps the reader from its work.</param>
    public GuestPages(int pages, Action<Exception> fail)
    {
        _guest = new(pages);
        _vmm = new(pages);
        _userfaultfd = new(_guest);
        _reader = new(() => Read(fail)) { IsBackground = true, Name = "uapilab-reader" };
    }

    /// <summary>Touches that found something else than the VMM had placed.</summary>
    public int Foreign => _foreign;

    /// <summary>Begins to read, for these.</summary>
    public void Serve(IEnumerable<GuestTask> tasks)
    {
        _tasks = tasks.ToDictionary(task => task.Number);
        _reader.Start();
    }

    /// <summary>On a task's thread: touches a page, and looks whether it is the one that the VMM placed.</summary>
    /// <param name="gfn">Which.</param>
    /// <param name="write">Where to write a byte; negative: the touch is a read.</param>
    public void Touch(ulong gfn, int write)
    {
        var page = _guest.Page((int)gfn);
        if (write >= 0)
        {
            Libc.Fill(page + write, 1, 1);
        }

        ulong found;
        Libc.Copy(&found, page, sizeof(ulong));
        if (found != Stamp(gfn))
        {
            Interlocked.Increment(ref _foreign);
        }
    }

    /// <summary>The VMM puts the content of a page into its own view.</summary>
    public void Place(ulong gfn)
    {
        var page = _vmm.Page((int)gfn);
        Libc.Fill(page, 1, Mapping.PageBytes);
        *(ulong*)page = Stamp(gfn);
    }

    /// <summary>KVM maps what is in the VMM's view.</summary>
    public void Map(ulong gfn) => _userfaultfd.Map(_guest.Page((int)gfn), _vmm.Page((int)gfn));

    /// <summary>Who sleeps on the page touches it again.</summary>
    public void Wake(ulong gfn) => _userfaultfd.Wake(_guest.Page((int)gfn));

    /// <summary>From here on nobody sleeps on a page, or will.</summary>
    public void Release()
    {
        _isOver = true;
        if (_tasks.Count > 0)
        {
            _reader.Join();
        }

        _userfaultfd.Dispose();
    }

    public void Dispose()
    {
        Release();
        _guest.Dispose();
        _vmm.Dispose();
    }

    private static ulong Stamp(ulong gfn) => ~gfn;

    private void Read(Action<Exception> fail)
    {
        try
        {
            while (!_isOver)
            {
                if (_userfaultfd.Wait(RoundNs) && _userfaultfd.ReadFault(out var thread) is > 0 and var address)
                {
                    _tasks[thread].OnFault((address - (ulong)_guest.At) / (ulong)Mapping.PageBytes);
                }
            }
        }
        catch (Exception e)
        {
            fail(e);
        }
    }
}
