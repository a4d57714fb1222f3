using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Conformance;

/// <summary>A rule that a trace is held to.</summary>
/// <param name="Name">As verdicts name it.</param>
/// <param name="What">In a few words.</param>
/// <param name="Source">Where it is from: <c>doc</c> = kernel documentation and source, <c>seen</c> = a recording.</param>
public sealed record ConformRule(string Name, string What, string Source)
{
    /// <summary>The line of the machine that keeps it, if it is one line.</summary>
    internal BrokenRules Line { get; init; }

    /// <summary>Events that it had to explain, where no line of the machine keeps it.</summary>
    internal IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>How often a trace came to it.</summary>
    public long UsesIn(ConformReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Line != BrokenRules.None ? report.Rules.GetValueOrDefault(Line.ToString()) : Events.Sum(name => report.ExplainedEvents.GetValueOrDefault(name));
    }
}

/// <summary>Every rule, with a name and a source.</summary>
public static class ConformRules
{
    /// <summary>The machine's first (docs/model.md), then the trace's own.</summary>
    public static IReadOnlyList<ConformRule> All { get; } =
    [
        new("A1", "an APF can start: no exception pending, interrupts on", "doc, seen (s5b)") { Line = BrokenRules.A1CanDo },
        new("A2", "a not-present can be delivered: APF on, CPL 3 or SEND_ALWAYS", "doc, seen (s5a)") { Line = BrokenRules.A2CanDeliver },
        new("A3", "64 APFs a vCPU", "doc, seen (s13)") { Line = BrokenRules.A3Limit },
        new("A4", "token = (counter << 12) + vCPU id", "doc, seen (s4, s13)") { Line = BrokenRules.A4Token },
        new("A5", "a not-present that cannot be delivered makes the vCPU halt", "doc, seen (s2)") { Line = BrokenRules.A5Halt },
        new("A6", "a second fault on a pending page makes the vCPU halt", "doc, seen (s10)") { Line = BrokenRules.A6Halt },
        new("A7", "a completion asks for its delivery", "doc, seen (every APF)") { Line = BrokenRules.A7Request },
        new("A8", "a done APF makes a halted vCPU runnable", "doc, seen (s2, s10)") { Line = BrokenRules.A8Runnable },
        new("A9", "one ready at a time", "doc, seen (s1, s13)") { Line = BrokenRules.A9OneAtATime },
        new("A10", "token and interrupt only if the not-present was injected", "doc, seen (s2, s5a)") { Line = BrokenRules.A10OnlyIfInjected },
        new("A10 un-halt", "a ready ends the halt", "doc") { Line = BrokenRules.A10Unhalt },
        new("A11", "the ready-time prefetch meets the userfault check and starts no APF", "doc, seen (userfault)") { Line = BrokenRules.A11Prefetch },
        new("A12", "enabling queues a wake-all", "doc, seen (every trace)") { Line = BrokenRules.A12WakeAll },
        new("A13", "an interrupt ends a halt", "doc, seen (s9a)") { Line = BrokenRules.A13Interrupt },
        new("A14", "disabling forgets what is outstanding", "doc, seen (s20)") { Line = BrokenRules.A14Clear },
        new("A15", "a signal before the entry leaves the pending event pending", "doc") { Line = BrokenRules.A15KeepPending },
        new("entry order", "exceptions before interrupts, one event an entry", "doc, seen (u2)") { Line = BrokenRules.EntryOrder },
        new("K1", "KVM looks up without waiting first, and what would sleep becomes an APF", "doc, seen (s1)") { Line = BrokenRules.K1TryFirst },
        new("K2", "what cannot become an APF sleeps in the vCPU's thread", "doc, seen (s5b, s13)") { Events = ["uffd_msg"] },
        new("K3", "the worker faults for write", "seen (s1)") { Line = BrokenRules.K3ForWrite },
        new("K5", "disabling waits for the workers", "seen (s20)") { Line = BrokenRules.K5Flush },
        new("F1", "the invalidate sequence is read first", "doc") { Line = BrokenRules.F1Snapshot },
        new("F2", "a marked page exits or becomes an APF, an unmarked one is mapped", "doc, seen (u1, u2)") { Events = ["memfault", "uf_resolve"] },
        new("F4", "nothing is installed after an invalidation", "doc") { Line = BrokenRules.F4Recheck },
        new("M2", "small pages while userfault is on", "doc, seen (u12)") { Line = BrokenRules.M2SmallPages },
        new("M5", "turning the flag on zaps", "doc, seen (u12)") { Line = BrokenRules.M5Zap },
        new("M6", "discarding invalidates", "doc") { Line = BrokenRules.M6Discard },
        new("T1", "entries and exits alternate, and KVM's events lie outside the guest", "doc") { Events = ["kvm_entry", "kvm_exit"] },
        new("T2", "a page-fault exit is handled once, for the address of the exit", "doc") { Events = ["kvm_page_fault"] },
        new("T3", "an MSR exit is one MSR access", "doc") { Events = ["kvm_msr"] },
        new("T4", "KVM_RUN returns once for one stay in the guest, but for signals", "doc") { Events = ["kvm_userspace_exit"] },
        new("T5", "kvm_vcpu_wakeup is for HLT alone", "seen (s1, s2)") { Events = ["kvm_vcpu_wakeup"] },
        new("I1", "an exit names no #PF that was not injected", "seen") { Events = ["kvm_exit"] },
        new("I2", "an entry carries what was injected and nothing else", "doc, seen (7.3 s4)") { Events = ["kvm_entry"] },
        new("I3", "a second injection follows a cancelled one and says so", "doc, seen (s21)") { Events = ["kvm_inj_exception", "kvm_inj_virq"] },
        new("L1", "the ready vector is accepted for a ready only", "doc") { Events = ["kvm_apic_accept_irq"] },
        new("L2", "no second interrupt before the EOI", "doc") { Events = ["kvm_inj_virq"] },
        new("L3", "an EOI ends an interrupt in service", "doc") { Events = ["kvm_eoi"] },
        new("U1", "ACCEPT finds an APF that is outstanding", "seen (u3)") { Events = ["apf_accept"] },
    ];
}
