using UapiLab.Harness.Machines;
using UapiLab.Live.Os;

namespace UapiLab.Live.Probes;

/// <summary>Pages placed, and threads that wait for them.</summary>
internal static unsafe class UserfaultfdProbes
{
    private const int Pages = 64;
    private const int Faults = 400;
    private const int MostSpinners = 16;
    private const int Turns = 3; // the fault's, the reader's and the placing thread's

    public static Probe Place { get; } = new("place",
        "UFFDIO_COPY of a page that nobody waits for; at least a memcpy of a page that is there.",
        [Cost.PlacePage], [Need.Userfaultfd], _ =>
        {
            using var memory = new Mapping(Pages);
            using var content = new Mapping(1);
            Libc.Fill(content.At, 1, Mapping.PageBytes);
            double placed;
            using (var userfaultfd = new Userfaultfd(memory))
            {
                placed = PlacedUnasked(userfaultfd, memory, content);
            }

            Libc.Fill(memory.At, 1, memory.Bytes);
            var copied = Timing.Each(Pages, n =>
            {
                for (var page = 0; page < n; page++)
                {
                    Libc.Copy(memory.Page(page), content.At, Mapping.PageBytes);
                }
            });
            return [new(Cost.PlacePage, placed, copied, placed)];
        });

    public static Probe Lock { get; } = new("userfaultfd",
        "A thread touches missing pages on one core, a reader on another places them. A touch takes two "
        + "`threadWake`, two `ioctl` and a `placePage`, all of them measured beside it, and three turns "
        + "under the lock: a third of the rest is `userfaultfdLock`. It is at most what UFFDIO_COPY takes "
        + "more than for a page that nobody waits for.",
        [Cost.UserfaultfdLock], [Need.Userfaultfd, Need.TwoCores], host =>
        {
            var run = UserfaultfdRun.Of(host.First, [host.Second], Faults);
            var touch = Timing.At(run.LatencyNs, Timing.Quarter);
            double Ns(Probe probe) => probe.Round(host).First().Ns;
            var placed = Ns(Place);
            var turns = touch - (2 * Ns(ThreadProbes.Wake)) - (2 * Ns(ThreadProbes.SystemCalls)) - placed;
            var waking = Timing.At(run.PlacingNs, Timing.Quarter) - placed;
            return [new(Cost.UserfaultfdLock, turns / Turns, turns / Turns, waking)];
        });

    public static Probe Spinners { get; } = new("userfaultfd-line",
        "Two threads fault, then as many as there are cores beside the reader's, 16 at most. What a fault "
        + "takes more with these than with two, divided by the threads more and by a fault's three turns, is "
        + "`userfaultfdSpinner`.",
        [Cost.UserfaultfdSpinner], [Need.Userfaultfd, Need.FourCores],
        host => [new(Cost.UserfaultfdSpinner, SpinnerNs(host.Cpus.Cores))]);

    /// <param name="cpus">Of the reader, then of the threads that fault, three at least.</param>
    internal static double SpinnerNs(IReadOnlyList<int> cpus)
    {
        double FaultNs(int threads) =>
            UserfaultfdRun.Of(cpus[0], [.. cpus.Skip(1).Take(threads)], Pages).ElapsedNs / (Pages * threads);
        var most = Math.Min(cpus.Count - 1, MostSpinners);
        return (FaultNs(most) - FaultNs(2)) / (most - 2) / Turns;
    }

    private static double PlacedUnasked(Userfaultfd userfaultfd, Mapping memory, Mapping content)
    {
        var page = 0;
        return Timing.OneByOne(Pages, () => userfaultfd.Place(memory.Page(page), content.At), () =>
        {
            page++;
            return true;
        });
    }
}
