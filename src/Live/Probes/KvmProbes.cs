using UapiLab.Harness.Machines;
using UapiLab.Live.Os;

namespace UapiLab.Live.Probes;

/// <summary>Prices of exits and faults of a guest. What was counted meanwhile has to be what was meant.</summary>
internal static class KvmProbes
{
    private const int Many = 200;
    private const int Runs = 8;

    public static Probe Exit { get; } = new("kvm-exit",
        "A guest asks for CPUID, which KVM answers itself: `vmExit`, KVM's answer included. Counted: `exits`.",
        [Cost.VmExit], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            return [new(Cost.VmExit, ExitNs(guest, TripNs(guest)))];
        });

    public static Probe Pio { get; } = new("kvm-pio",
        "A guest writes a byte to a port, which goes to userspace: what KVM_RUN takes for it beyond a `vmExit` is "
        + "divided evenly between `userExit` and `userEntry`. Counted: `io_exits`.",
        [Cost.UserExit, Cost.UserEntry], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var trip = TripNs(guest);
            var user = (trip - ExitNs(guest, trip)) / 2;
            return [new(Cost.UserExit, user), new(Cost.UserEntry, user)];
        });

    public static Probe Fault { get; } = new("kvm-fault",
        "A guest touches pages that are there and that KVM has not mapped. What a page takes beyond a "
        + "`vmExit` is divided evenly between `faultPath` and `mapPage`. Counted: `pf_taken`.",
        [Cost.FaultPath, Cost.MapPage], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var page = FaultNs(guest);
            return [new(Cost.FaultPath, page / 2), new(Cost.MapPage, page / 2)];
        });

    public static Probe Memslot { get; } = new("kvm-memslot",
        "KVM_SET_USER_MEMORY_REGION that takes a slot of 1 MiB away which the guest has touched: KVM zaps what is "
        + "mapped, and waits for two grace periods of SRCU, where a change of flags waits for one. No vCPU runs. "
        + "Counted: `pf_taken`, before.",
        [Cost.MemslotUpdate], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var times = new double[Runs];
            for (var run = 0; run < Runs; run++)
            {
                guest.Begin(GuestCode.Touch, TinyGuest.Pages);
                KvmCount.Of(guest, "pf_taken", TinyGuest.Pages, guest.Run);
                var begin = Clock.Ns;
                guest.Unmap();
                times[run] = Clock.Ns - begin;
                guest.Map();
            }

            return [new(Cost.MemslotUpdate, Timing.At(times, Timing.Quarter))];
        });

    public static Probe Eoi { get; } = new("kvm-eoi",
        "A guest writes EOIs to its x2APIC: `eoi` is what one takes, or nothing if `exits` does not count them, as "
        + "with APICv or AVIC. No interrupt is in service, for which KVM does more, so the high end stays.",
        [Cost.Eoi], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var eoi = EoiNs(guest, TripNs(guest));
            return [eoi > 0 ? Reading.AtLeast(Cost.Eoi, eoi) : new(Cost.Eoi, 0)];
        });

    public static Probe Window { get; } = new("kvm-irq-window",
        "A guest sends itself interrupts that it takes a moment later: `irqWindow` is what one takes beyond two writes "
        + "to its x2APIC, or nothing if `irq_window_exits` does not count it; the work of a real EOI is in it too. "
        + "Counted: those that the guest took.",
        [Cost.IrqWindow], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var trip = TripNs(guest);
            var eoi = EoiNs(guest, trip);
            var taken = EachNs(guest, GuestCode.SelfInterrupt, "irq_window_exits", beside: 0, trip);
            KvmCount.Hold("interrupts of the guest's", guest.Interrupts, Many);
            return [new(Cost.IrqWindow, taken is { } ns ? ns - (2 * eoi) : 0)];
        });

    public static Probe NotPresent { get; } = new("kvm-not-present",
        "As kvm-apf, with the reader on another core. From a touch to the guest's #PF handler it takes a `vmExit`, a "
        + "`faultPath` and `injectNotPresent`. KVM queues its worker on the CPU of the vCPU, whose turn may be in it: "
        + "the low end stays 1 ns.",
        [Cost.InjectNotPresent], [Need.Kvm, Need.KernelUserfaultfd, Need.TwoCores], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            var rest = ExitNs(guest, TripNs(guest)) + (FaultNs(guest) / 2);
            var taken = Timing.At(KvmCount.RunApf(host).ToHandlerNs, Timing.Quarter) - rest;
            return [new(Cost.InjectNotPresent, taken, Math.Min(1, taken), taken)];
        });

    /// <summary>What going to userspace and back takes, the exit included.</summary>
    private static double TripNs(TinyGuest guest)
    {
        guest.Begin(GuestCode.Out, 0);
        var trip = 0.0;
        KvmCount.Of(guest, "io_exits", Many, () => trip = Timing.OneByOne(Many, guest.Run));
        return trip;
    }

    /// <param name="guest">Which.</param>
    /// <param name="trip">What its last exit takes, which goes to userspace.</param>
    private static double ExitNs(TinyGuest guest, double trip)
    {
        var times = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            guest.Begin(GuestCode.Cpuid, Many);
            KvmCount.Of(guest, "exits", Many + 1, () => times[run] = Once(guest));
        }

        return (Timing.At(times, Timing.Quarter) - trip) / Many;
    }

    /// <summary>What a page takes beyond an exit.</summary>
    private static double FaultNs(TinyGuest guest)
    {
        var trip = TripNs(guest);
        var exit = ExitNs(guest, trip);
        var times = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            guest.Unmap();
            guest.Map();
            guest.Begin(GuestCode.Touch, TinyGuest.Pages);
            KvmCount.Of(guest, "pf_taken", TinyGuest.Pages, () => times[run] = Once(guest));
        }

        return ((Timing.At(times, Timing.Quarter) - trip) / TinyGuest.Pages) - exit;
    }

    private static double EoiNs(TinyGuest guest, double trip) =>
        EachNs(guest, GuestCode.Eoi, "exits", beside: 2, trip) ?? 0;

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
            isCounted = counted > beside + KvmCount.Slack(Many);
            if (isCounted)
            {
                KvmCount.Hold(name, counted, Many + beside);
            }
        }

        return isCounted ? (Timing.At(times, Timing.Quarter) - trip) / Many : null;
    }

    private static double Once(TinyGuest guest)
    {
        var begin = Clock.Ns;
        guest.Run();
        return Clock.Ns - begin;
    }
}
