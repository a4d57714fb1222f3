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

    /// <summary>The APFs that no state of a vCPU has seen delivered.</summary>
    public static IReadOnlyList<OutstandingApf> Outstanding(IEnumerable<VcpuChecker> lanes) =>
    [
        .. lanes.SelectMany(checker => checker.Frontier.Select(state => Items(state, checker.Order))
            .Aggregate((IEnumerable<string>?)null, (all, items) => all?.Intersect(items) ?? items)
            ?.Where(item => item.StartsWith("0x", StringComparison.Ordinal))
            .Select(item => new OutstandingApf(checker.VcpuId, "the ready of token " + item)) ?? []),
    ];

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
        var items = Items(state, order);
        return items.Count switch
        {
            0 => "nothing outstanding",
            > MostShown => Text($"{items.Count} outstanding: {string.Join(", ", items.Take(MostShown))}, …"),
            _ => Text($"{items.Count} outstanding: {string.Join(", ", items)}"),
        };
    }

    private static List<string> Items(CandidateState state, AppendOrder order)
    {
        var apf = state.Machine.Apf;
        var items = new List<string>();
        for (var place = 0; apf.At(0, place) is var slot and >= 0; place++)
        {
            ref var item = ref apf.Item(slot);
            items.Add(item.WakeAll
                ? "wake-all done"
                : Text($"0x{item.Token:x} for gfn 0x{state.Machine.PageOf(item.Gfn):x}{(item.Injected
                    ? "" : " halted")}{(order.Find(item.Token) is
                    { LatestNs: not null } ? " completed" : "")}"));
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
