using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Kvm;

namespace UapiLab.Harness.Conformance;

/// <summary>The states of the frontier in words, one line for each vCPU and state.</summary>
internal static class StateLanes
{
    private const int MostShown = 8;

    public static IReadOnlyList<string> Describe(IEnumerable<VcpuChecker> lanes)
    {
        var lines = new List<string>();
        foreach (var checker in lanes)
        {
            for (var i = 0; i < checker.Frontier.Count; i++)
            {
                var name = checker.Frontier.Count > 1 ? Text($"vcpu {checker.VcpuId}, state {i + 1}")
                    : Text($"vcpu {checker.VcpuId}");
                lines.Add($"{name}: {Describe(checker.Frontier[i], checker.Order)}");
            }
        }

        return lines;
    }

    /// <summary>What each vCPU waits for, as far as all its states agree.</summary>
    public static IReadOnlyList<WaitingVcpu> Waiting(IEnumerable<VcpuChecker> lanes, PageAccounts accounts) =>
    [
        .. lanes.SelectMany(checker => checker.Frontier
            .Select(state => Waiting(state, checker.Order, accounts, checker.VcpuId))
            .Aggregate((IEnumerable<WaitingVcpu>?)null, (all, those) => all?.Intersect(those) ?? those) ?? []),
    ];

    /// <summary>Readies that have not come, what holds completed ones back, and why the vCPU does not run.</summary>
    private static IEnumerable<WaitingVcpu> Waiting(CandidateState state, AppendOrder order, PageAccounts accounts,
        int vcpu)
    {
        ref readonly var at = ref state.At;
        ref var v = ref state.Machine.State;
        var waiting = new List<WaitingVcpu>();
        var completed = new List<string>();
        foreach (var item in Apfs(state, order).Where(item => item.Token is not null))
        {
            // The #PF that is still pending has put nobody to sleep.
            var sleeps = item.IsInjected && !(v.PfPending && v.PfToken == item.Token)
                ? ", and so does a guest task" : "";
            var sinceNs = order.Find(item.Token!.Value)?.SetUpNs;
            Wait(true, Text($"the ready of token 0x{item.Token:x} for gfn 0x{item.Gfn:x}")
                + (item.IsCompleted ? ", which has completed" : "") + sleeps,
                item.IsCompleted ? "KVM's next look at its done list, with the token word zero"
                    : accounts.EndOf(item.Gfn, sinceNs), sinceNs, isForReady: true);
            Add(completed, item.IsCompleted, Text($"0x{item.Token:x}"));
        }

        var isAckDue = v.PageReadyPending && v.SharedToken != 0 && (at.Unknown & Unknowns.Slot) == 0;
        var token = v.SharedToken == uint.MaxValue ? "~0" : Text($"0x{v.SharedToken:x}");
        Wait(isAckDue && completed.Count > 0,
            $"the guest to acknowledge token {token}; completed behind it: " + string.Join(", ", completed),
            "a token word of 0 and a write of MSR_KVM_ASYNC_PF_ACK", null);
        Wait(v.ApfHalted, "a page-ready, in an APF halt", "a completed APF, or an interrupt", at.SinceNs);
        Wait(v.GuestHlt && !v.ApfHalted && !at.Woken, "an interrupt, in HLT", "an interrupt, or a page-ready",
            at.SinceNs);
        Wait(at.AwaitsVmm, "the VMM to see to its fault"
            + (at.FaultSeen || at.AsyncTried ? Text($" on gfn 0x{at.FaultGfn:x}") : ""), "the VMM's next KVM_RUN",
            at.SinceNs);
        return waiting;

        void Wait(bool applies, string what, string endedBy, long? sinceNs, bool isForReady = false)
        {
            if (applies)
            {
                waiting.Add(new(vcpu, what, endedBy, sinceNs, isForReady));
            }
        }
    }

    private static string Describe(CandidateState state, AppendOrder order)
    {
        ref readonly var at = ref state.At;
        ref var v = ref state.Machine.State;
        var words = new List<string>
        {
            at.Place switch
            {
                Place.Guest => "in the guest",
                Place.Kvm => "in KVM" + (at.Reason == LeaveReason.Unknown ? "" : Text($" ({Reason(at.Reason)})")),
                Place.Userspace => "in the VMM",
                _ => "not known where",
            },
            v.ApfEnabled ? (at.SendAlways ? "APF on, always" : "APF on") : "APF off",
        };
        Add(words, v.ApfHalted, "APF halt");
        Add(words, v.RequestHalt, "APF halt requested");
        Add(words, v.GuestHlt, "HLT");
        Add(words, v.PfPending, Text($"#PF pending, token 0x{v.PfToken:x}"));
        Add(words, v.IrqPending, "ready interrupt pending");
        Add(words, at.InService, "ready interrupt in service");
        Add(words, v.SharedToken != 0, Text($"token word 0x{v.SharedToken:x}"));
        Add(words, v.PageReadyPending, "ACK due");
        Add(words, at.Unknown != Unknowns.None, Text($"not known: {at.Unknown}"));
        words.Add(Queue(state, order));
        foreach (var due in state.Expected)
        {
            words.Add($"next: {due}");
        }

        return string.Join("; ", words);
    }

    private static string Queue(CandidateState state, AppendOrder order)
    {
        string[] items = [.. Items(state, order)];
        return items.Length switch
        {
            0 => "nothing outstanding",
            > MostShown => Text($"{items.Length} outstanding: {string.Join(", ", items.Take(MostShown))}, …"),
            _ => Text($"{items.Length} outstanding: {string.Join(", ", items)}"),
        };
    }

    private static IEnumerable<string> Items(CandidateState state, AppendOrder order) =>
        Apfs(state, order).Select(item => item is { Token: null } ? "wake-all done"
            : Text($"0x{item.Token:x} for gfn 0x{item.Gfn:x}") + (item.IsInjected ? "" : " halted")
                + (item.IsCompleted ? " completed" : ""));

    /// <summary>What is outstanding, oldest first; without a token: the wake-all.</summary>
    private static List<(ulong? Token, ulong Gfn, bool IsInjected, bool IsCompleted)> Apfs(
        CandidateState state, AppendOrder order)
    {
        var apf = state.Machine.Apf;
        var items = new List<(ulong?, ulong, bool, bool)>();
        for (var place = 0; apf.At(0, place) is var slot and >= 0; place++)
        {
            ref var item = ref apf.Item(slot);
            items.Add(item.WakeAll ? (null, 0, false, true)
                : (item.Token, state.Machine.PageOf(item.Gfn), item.Injected,
                    order.Find(item.Token) is { LatestNs: not null }));
        }

        return items;
    }

    private static string Reason(LeaveReason reason) => reason switch
    {
        LeaveReason.StageTwoFault => "stage-2 fault",
        LeaveReason.GuestPageFault => "guest page fault",
        LeaveReason.Msr => "MSR access",
        LeaveReason.Halt => "HLT",
        LeaveReason.InterruptWindow => "interrupt window",
        _ => "another exit",
    };

    private static void Add(List<string> words, bool applies, string text)
    {
        if (applies)
        {
            words.Add(text);
        }
    }

    private static string Text(FormattableString text) => Invariant($"{text}");
}
