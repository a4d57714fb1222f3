using UapiLab.Harness.Machines;
using UapiLab.Live.Os;

namespace UapiLab.Live.Probes;

/// <summary>Exits and faults of a guest. What KVM counted meanwhile has to be what was meant.</summary>
internal static class KvmProbes
{
    private const int Many = 200;
    private const int Runs = 8;
    private const double Tolerance = 0.05; // exits that the host causes, such as its timer's

    public static Probe Exit { get; } = new("kvm-exit",
        "A guest asks for CPUID, which KVM answers itself: `vmExit`, KVM's answer included. A byte to a "
        + "port goes to userspace; what KVM_RUN takes for it beyond a `vmExit` is divided evenly between "
        + "`userExit` and `userEntry`. Counted: `exits`.",
        [Cost.VmExit, Cost.UserExit, Cost.UserEntry], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            guest.Begin(TinyGuest.OutProgram, 0);
            var trip = Counted(guest, "exits", Many, () => Timing.OneByOne(Many, guest.Run));
            var exit = CpuidNs(guest, trip);
            var user = (trip - exit) / 2;
            return [new(Cost.VmExit, exit), new(Cost.UserExit, user), new(Cost.UserEntry, user)];
        });

    public static Probe Fault { get; } = new("kvm-fault",
        "A guest touches pages that are there and that KVM has not mapped. What a page takes beyond a "
        + "`vmExit` is divided evenly between `faultPath` and `mapPage`. Counted: `pf_taken`.",
        [Cost.FaultPath, Cost.MapPage], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            guest.Begin(TinyGuest.OutProgram, 0);
            var trip = Timing.OneByOne(Many, guest.Run);
            var exit = CpuidNs(guest, trip);
            var times = new double[Runs];
            for (var run = 0; run < Runs; run++)
            {
                guest.Unmap();
                guest.Map();
                guest.Begin(TinyGuest.TouchProgram, TinyGuest.Pages);
                times[run] = Counted(guest, "pf_taken", TinyGuest.Pages, () => Once(guest));
            }

            var page = ((Timing.At(times, Timing.Quarter) - trip) / TinyGuest.Pages) - exit;
            return [new(Cost.FaultPath, page / 2), new(Cost.MapPage, page / 2)];
        });

    public static Probe Memslot { get; } = new("kvm-memslot",
        "KVM_SET_USER_MEMORY_REGION that takes a slot of 1 MiB away which the guest has touched, as a "
        + "change of its flags with a zap would. Counted: `pf_taken`, before.",
        [Cost.MemslotUpdate], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var times = new double[Runs];
            for (var run = 0; run < Runs; run++)
            {
                guest.Begin(TinyGuest.TouchProgram, TinyGuest.Pages);
                Counted(guest, "pf_taken", TinyGuest.Pages, () => Once(guest));
                var begin = Clock.Ns;
                guest.Unmap();
                times[run] = Clock.Ns - begin;
                guest.Map();
            }

            return [new(Cost.MemslotUpdate, Timing.At(times, Timing.Quarter))];
        });

    public static Probe Interrupt { get; } = new("kvm-interrupt",
        "A guest writes EOIs to its x2APIC: `eoi` is what one takes, or nothing if `exits` does not "
        + "count them, as with APICv or AVIC. Then it sends itself interrupts that it takes a moment "
        + "later: `irqWindow` is what one takes beyond two such writes, or nothing if `irq_window_exits` "
        + "does not count it.",
        [Cost.Eoi, Cost.IrqWindow], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            guest.Begin(TinyGuest.OutProgram, 0);
            var trip = Timing.OneByOne(Many, guest.Run);
            var eoi = EachNs(guest, TinyGuest.EoiProgram, "exits", beside: 2, trip) ?? 0;
            var taken = EachNs(guest, TinyGuest.InterruptProgram, "irq_window_exits", beside: 0, trip);
            return guest.Interrupts == Many
                ? [new(Cost.Eoi, eoi), new(Cost.IrqWindow, taken is { } ns ? ns - (2 * eoi) : 0)]
                : throw new ProbeFailedException(
                    Invariant($"the guest took {guest.Interrupts} of {Many} interrupts that it sent itself"));
        });

    /// <summary>What each of the things of a program takes; null if KVM counts none of them.</summary>
    /// <param name="guest">Which.</param>
    /// <param name="program">Does so many of them, and goes to userspace.</param>
    /// <param name="name">What counts them.</param>
    /// <param name="beside">What else is counted there.</param>
    /// <param name="trip">What going to userspace takes.</param>
    private static double? EachNs(TinyGuest guest, ReadOnlySpan<byte> program, string name, int beside, double trip)
    {
        var times = new double[Runs];
        var isCounted = false;
        for (var run = 0; run < Runs; run++)
        {
            guest.Begin(program, Many);
            var before = guest.Stats[name];
            times[run] = Once(guest);
            var counted = guest.Stats[name] - before;
            isCounted = counted > beside + (Many * Tolerance);
            if (isCounted)
            {
                Hold(name, counted, Many + beside);
            }
        }

        return isCounted ? (Timing.At(times, Timing.Quarter) - trip) / Many : null;
    }

    /// <param name="guest">Which.</param>
    /// <param name="trip">What its last exit takes, which goes to userspace.</param>
    private static double CpuidNs(TinyGuest guest, double trip)
    {
        var times = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            guest.Begin(TinyGuest.CpuidProgram, Many);
            times[run] = Counted(guest, "exits", Many + 1, () => Once(guest));
        }

        return (Timing.At(times, Timing.Quarter) - trip) / Many;
    }

    private static double Once(TinyGuest guest)
    {
        var begin = Clock.Ns;
        guest.Run();
        return Clock.Ns - begin;
    }

    /// <summary>Does something and holds KVM's count to what it should be.</summary>
    internal static double Counted(TinyGuest guest, string name, int expected, Func<double> work)
    {
        var before = guest.Stats[name];
        var result = work();
        Hold(name, guest.Stats[name] - before, expected);
        return result;
    }

    private static void Hold(string name, long counted, int expected)
    {
        if (counted < expected || counted > expected + Math.Max(2, expected * Tolerance))
        {
            throw new ProbeFailedException(
                Invariant($"KVM counts {counted} under {name} where the method has {expected}: ")
                + "this is not what was to be measured");
        }
    }
}
