using UapiLab.Live.Os;

namespace UapiLab.Live.Probes;

/// <summary>What is counted is held to what a method says; and probes of which only that is asked, since no step of the
/// model is what they do.</summary>
internal static class KvmCount
{
    private const int Many = 200;
    private const int FewHalts = 20;
    private const int ApfTasks = 4;
    private const ulong LongPoll = 100_000_000; // longer than any halt here
    private const double Tolerance = 0.05; // exits that the host causes, such as its timer's

    public static Probe Mmio { get; } = Counting("kvm-mmio",
        "A guest writes where no memory is, which goes to userspace. Counted: `mmio_exits`.", guest =>
        {
            guest.BeginMmio();
            Of(guest, "mmio_exits", Many, () => Repeat(Many, guest.RunToMmio));
        });

    public static Probe ImmediateExit { get; } = Counting("kvm-immediate-exit",
        "KVM_RUN with `immediate_exit`, which returns before the guest is entered. Counted: no `exits`.", guest =>
        {
            guest.Begin(GuestCode.Out, 0);
            Of(guest, "exits", 0, () => Repeat(Many, guest.EnterForNothing));
        });

    public static Probe Discard { get; } = Counting("kvm-discard",
        "madvise(MADV_DONTNEED) of pages that a guest has touched, and that it touches again: what KVM had mapped is "
        + "gone. Counted: `pf_taken`.", guest =>
        {
            for (var pass = 0; pass < 2; pass++)
            {
                guest.Begin(GuestCode.Touch, TinyGuest.Pages);
                Of(guest, "pf_taken", TinyGuest.Pages, guest.Run);
                guest.Discard();
            }
        });

    public static Probe Injection { get; } = Counting("kvm-inject",
        "KVM_SIGNAL_MSI before each KVM_RUN of a guest that takes interrupts at once. Counted: interrupts of the "
        + "guest's, and `irq_injections` unless the processor delivers them.", guest =>
        {
            guest.Begin(GuestCode.TakeInterrupts, 0);
            guest.Run(); // from there on its APIC is on
            var before = guest.Stats["irq_injections"];
            Repeat(Many, () =>
            {
                guest.Interrupt();
                guest.Run();
            });
            Hold("interrupts of the guest's", guest.Interrupts, Many);
            if (guest.Stats["irq_injections"] - before is var injected and > 0)
            {
                Hold("irq_injections", injected, Many);
            }
        });

    public static Probe Halt { get; } = new("kvm-halt",
        "A guest halts, and KVM_SIGNAL_MSI of another thread wakes it, with halt polling off (KVM_CAP_HALT_POLL). "
        + "Counted: `halt_exits`, `halt_wakeup`, and no `halt_attempted_poll`.", [], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            guest.PollHaltsFor(0);
            Of(guest, "halt_attempted_poll", 0, () =>
                Of(guest, "halt_wakeup", FewHalts, () => Of(guest, "halt_exits", FewHalts, () => Halts(host, guest))));
            return [];
        });

    public static Probe HaltPolling { get; } = new("kvm-halt-poll",
        "The same with halt polling on, from the second halt on. Counted: `halt_exits` and `halt_attempted_poll`.",
        [], [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            guest.PollHaltsFor(LongPoll);
            Of(guest, "halt_attempted_poll", FewHalts - 1,
                () => Of(guest, "halt_exits", FewHalts, () => Halts(host, guest)));
            return [];
        });

    public static Probe Apf { get; } = new("kvm-apf",
        "Tasks of a guest touch pages that a userfaultfd has to place, with async page faults on. Counted: for each "
        + "page a `pf_taken`, and a not-present and a ready of the guest's; and the ready of enabling. A processor "
        + "without accessed bits in second-stage tables faults once more for each, and is refused.",
        [], [Need.Kvm, Need.KernelUserfaultfd], host =>
        {
            RunApf(host);
            return [];
        });

    /// <summary>Runs a guest with async page faults, and holds its counts.</summary>
    internal static GuestRun RunApf(Host host)
    {
        var run = GuestRun.Of(host, isApf: true, ApfTasks, TinyGuest.Pages / ApfTasks, fetchNs: 0);
        Hold("pf_taken", run.Faults, TinyGuest.Pages);
        Hold("not-presents of the guest's", run.NotPresents, TinyGuest.Pages);
        Hold("readies of the guest's", run.Readies, TinyGuest.Pages + 1);
        return run;
    }

    /// <summary>Does something and holds KVM's count to what it should be.</summary>
    internal static void Of(TinyGuest guest, string name, int expected, Action work)
    {
        var before = guest.Stats[name];
        work();
        Hold(name, guest.Stats[name] - before, expected);
    }

    /// <summary>What the host may add to a count.</summary>
    internal static double Slack(int expected) => Math.Max(2, expected * Tolerance);

    internal static void Hold(string name, long counted, int expected)
    {
        if (counted < expected || counted > expected + Slack(expected))
        {
            throw new ProbeFailedException(
                Invariant($"there are {counted} {name} where the method has {expected}: this is not what was to be ")
                + "measured");
        }
    }

    private static Probe Counting(string name, string method, Action<TinyGuest> round) => new(name, method, [],
        [Need.Kvm], host =>
        {
            using var guest = new TinyGuest(host.KvmDevice);
            round(guest);
            return [];
        });

    /// <summary>Wakes a guest that halts, each time once it does.</summary>
    private static void Halts(Host host, TinyGuest guest)
    {
        guest.Begin(GuestCode.Halt, FewHalts);
        var before = guest.Stats["halt_exits"];
        using var waker = new PinnedThread(host.Second, () =>
        {
            var begin = Clock.Ns;
            for (var halt = 1; halt <= FewHalts; halt++)
            {
                while (guest.Stats["halt_exits"] - before < halt || guest.Interrupts < halt - 1)
                {
                    Clock.Nap();
                    Timing.HoldPatience(begin);
                }

                Clock.Nap(); // until it sleeps
                guest.Interrupt();
            }
        });
        guest.Run();
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
