using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>The tiny guest, whose pages are placed by userfaultfd.</summary>
/// <param name="ElapsedNs">From its first instruction to its last.</param>
/// <param name="Faults">That KVM counts of the guest (<c>pf_taken</c>).</param>
/// <param name="NotPresents">That the guest counts.</param>
/// <param name="Readies">That the guest counts, the wake-all included.</param>
/// <param name="Halts">That KVM counts (<c>halt_exits</c>).</param>
/// <param name="Exits">That KVM counts, without those that timing decides (interrupts of the host, interrupt windows
/// and HLTs) and without the last, which ends the run.</param>
/// <param name="ToHandlerNs">From the touch of a page to the guest's handler of its not-present.</param>
internal sealed record GuestRun(double ElapsedNs, long Faults, long NotPresents, long Readies, long Halts, long Exits,
    IReadOnlyList<double> ToHandlerNs)
{
    private static readonly string[] s_ofTiming = ["irq_exits", "irq_window_exits", "halt_exits"];

    /// <summary>Runs it on the first core, and its reader on the last.</summary>
    /// <param name="host">Where.</param>
    /// <param name="isApf">Whether KVM may start async page faults. Otherwise the guest's interrupts are off, and its
    /// tasks run one behind the other.</param>
    /// <param name="tasks">Of the guest.</param>
    /// <param name="pages">Of each task.</param>
    /// <param name="fetchNs">What a page takes to come.</param>
    public static GuestRun Of(Host host, bool isApf, int tasks, int pages, double fetchNs)
    {
        GuestRun? run = null;
        PinnedThread.Run(host.First, () => run = OnThisThread(host, isApf, tasks, pages, fetchNs));
        return run!;
    }

    private static GuestRun OnThisThread(Host host, bool isApf, int tasks, int pages, double fetchNs)
    {
        var faults = tasks * pages;
        using var guest = new TinyGuest(host.KvmDevice, faults, isPaged: true);

        // What programs need beside the pages is mapped before anything counts.
        guest.BeginOwn();
        guest.Run();
        if (isApf)
        {
            guest.BeginApf();
            guest.Run();
        }

        using var reader = new PageReader(guest.TakePages(), faults, fetchNs);
        if (isApf)
        {
            guest.BeginTasks(tasks);
        }
        else
        {
            guest.Begin(GuestCode.Touch, faults);
        }

        using var serving = new PinnedThread(host.Second, () =>
        {
            try
            {
                reader.Serve();
            }
            catch
            {
                reader.Dispose();
                guest.Stop();
                throw;
            }
        });
        long Exits() => guest.Stats["exits"] - s_ofTiming.Sum(name => guest.Stats[name]);
        var (taken, halts, exits, begin) = (guest.Stats["pf_taken"], guest.Stats["halt_exits"], Exits(), Clock.Ns);
        guest.Run();
        var elapsed = Clock.Ns - begin;
        return new(elapsed, guest.Stats["pf_taken"] - taken, guest.NotPresents, guest.Readies,
            guest.Stats["halt_exits"] - halts, Exits() - exits - 1, guest.ToHandlerNs);
    }
}
