using System.Text.RegularExpressions;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Guest, KVM or the VMM where a step was taken.</summary>
internal enum Place
{
    Guest,
    Kvm,
    Vmm,
    /// <summary>An actor that is no vCPU thread.</summary>
    Other,
}

/// <summary>Who takes a step: a vCPU thread at a place, or another actor.</summary>
/// <param name="Lane">Index into <see cref="History.Lanes"/>.</param>
/// <param name="Place">Where.</param>
internal readonly record struct Party(int Lane, Place Place)
{
    /// <summary><c>guest, vCPU 0</c>; the name of the lane where there is no other.</summary>
    public string Name(History history) => Place switch
    {
        Place.Guest => "guest, " + history.Lanes[Lane],
        Place.Kvm => "KVM, " + history.Lanes[Lane],
        Place.Vmm => "VMM, " + history.Lanes[Lane],
        _ => history.Lanes[Lane],
    };
}

/// <summary>What passes from one party to another.</summary>
/// <param name="From">Who acts.</param>
/// <param name="To">Upon whom.</param>
/// <param name="Text">What it is.</param>
/// <param name="IsWake">Whether it only lets the other go on.</param>
internal sealed record Arrow(Party From, Party To, string Text, bool IsWake = false);

/// <summary>A step that is told.</summary>
/// <param name="Step">The step.</param>
/// <param name="By">Who takes it.</param>
/// <param name="Arrows">What passes on.</param>
/// <param name="IsMilestone">Whether a short account has to have it.</param>
internal sealed record Beat(HistoryStep Step, Party By, IReadOnlyList<Arrow> Arrows, bool IsMilestone);

/// <summary>A history without the steps that its reader need not see: those of a vCPU before its first fault, locks,
/// and what neither changes anything nor is overtaken by another lane (docs/history-format.md).</summary>
internal sealed partial class Story
{
    private const string Entry = "kvm_entry";
    private const string Fault = "kvm_page_fault";

    /// <summary>Events that change the course of a fault.</summary>
    private static readonly string[] s_milestones =
    [
        "kvm_page_fault", "kvm_async_pf_not_present", "kvm_userspace_exit", "vmm_settles", "page_placed",
        "page_discarded", "kvm_async_pf_completed", "kvm_async_pf_ready", "injection_refused", "apf_halt",
        "kvm_inj_exception", "guest_not_present", "guest_wake", "apf_queue_full", "apf_dropped", "ready_without_page",
        "vm_restored", "vcpu_reset", "run_interrupted", "memslot", "VIOLATION",
    ];

    /// <summary>What only KVM's half can call, also while an ioctl of the VMM runs.</summary>
    private static readonly string[] s_kvmCalls =
        ["queue an APF", "queue not-present", "complete the APF", "not-present cannot", "APF outstanding"];

    private Story(History history, int booted, IReadOnlyList<Beat> beats)
    {
        History = history;
        Booted = booted;
        Beats = beats;
    }

    public History History { get; }

    /// <summary>How many steps of vCPUs come before their first fault.</summary>
    public int Booted { get; }

    /// <summary>What is told, in order.</summary>
    public IReadOnlyList<Beat> Beats { get; }

    public static Story Of(History history)
    {
        var reader = new Reader(history);
        var beats = history.Steps.Select((s, i) => (Beat: reader.Next(s), Index: i)).ToArray();
        var boot = beats.Where(b => b.Beat.By.Place != Place.Other).GroupBy(b => b.Beat.By.Lane)
            .SelectMany(lane => lane.TakeWhile(b => !Has(b.Beat.Step, Fault))).ToHashSet();
        // What was broken or settled before a fault is no boot.
        if (boot.Any(b => b.Beat.Step.Number == history.InevitableFrom || Has(b.Beat.Step, "VIOLATION"))
            || boot.Count == beats.Length)
        {
            boot.Clear();
        }

        return new(history, boot.Count, [.. beats.Where(b => !boot.Contains(b) && IsTold(history, b.Beat, b.Index))
            .Select(b => b.Beat)]);
    }

    /// <summary>The milestones that a short account is about: those of the vCPUs that wait for what does not come, or
    /// else those on the frame of the last event that names one.</summary>
    public IEnumerable<Beat> Milestones()
    {
        var all = Beats.Where(b => b.IsMilestone);
        int[] waiting = [.. History.Waiting.Where(w => w.WouldWake is not null).Select(w => w.Lane)
            .Where(l => all.Any(b => b.By.Lane == l))];
        var frame = History.Steps.SelectMany(s => s.Events).Select(e => Frame().Match(e).Value)
            .LastOrDefault(f => f.Length > 0);
        bool IsOf(Beat beat) => beat.Step.Number == History.InevitableFrom
            || (waiting.Length > 0 ? waiting.Contains(beat.By.Lane)
                : beat.Step.Events.Any(e => frame is not null && Frame().Match(e).Value == frame));
        return all.Any(IsOf) ? all.Where(IsOf) : all;
    }

    /// <summary>The events of a step that change the course of a fault.</summary>
    public static IEnumerable<string> Turns(HistoryStep step) =>
        step.Events.Where(e => s_milestones.Any(m => e.StartsWith(m, StringComparison.Ordinal)));

    private static bool IsTold(History history, Beat beat, int index)
    {
        var step = beat.Step;
        return beat.IsMilestone || beat.Arrows.Count > 0
            || (index == history.Steps.Count - 1 && step.Changes.Count > 0)
            || (!step.Text.StartsWith("lock ", StringComparison.Ordinal)
                && !step.Text.StartsWith("unlock ", StringComparison.Ordinal)
                && (IsOvertaken(history, step, index) || step.Changes.Any(c => IsShared(c.Field))));
    }

    /// <summary>Whether what the step loads is changed by another lane later.</summary>
    private static bool IsOvertaken(History history, HistoryStep step, int index) =>
        Loaded().Match(step.Text) is { Success: true } load && history.Steps.Skip(index + 1).Any(s =>
            s.Lane != step.Lane && s.Changes.Any(c => c.Field == load.Groups[1].Value));

    /// <summary>A word of a region or the content of a frame, by the name of the field.</summary>
    private static bool IsShared(string field) =>
        field.EndsWith(']') && !field.StartsWith("apf[", StringComparison.Ordinal) && !field.Contains('.');

    private static bool Has(HistoryStep step, string name) =>
        step.Events.Any(e => e.StartsWith(name, StringComparison.Ordinal));

    [GeneratedRegex(@"^load ([^ ]+\]) = ")]
    private static partial Regex Loaded();

    [GeneratedRegex(@"\bgfn \d+")]
    private static partial Regex Frame();

    [GeneratedRegex(@"\bon vCPU (\d+)|\bof vCPU (\d+)")]
    private static partial Regex UponVcpu();

    /// <summary>Goes through the steps and keeps where each vCPU thread is.</summary>
    private sealed class Reader(History history)
    {
        private readonly Dictionary<int, Place> _places = [];

        public Beat Next(HistoryStep step)
        {
            var by = new Party(step.Lane, IsVcpu(step.Lane) ? Before(step) : Place.Other);
            var arrows = new List<Arrow>();
            if (by.Place != Place.Other)
            {
                Passages(step, by, arrows);
            }

            if (step.Text.StartsWith("ioctl ", StringComparison.Ordinal) && Vcpu(step.Text) is { } upon)
            {
                arrows.Add(new(by, new(upon, Place.Kvm), step.Text));
            }
            else if (step.Text.StartsWith("signal eventfd", StringComparison.Ordinal) && ReaderOf(step) is { } reader)
            {
                arrows.Add(new(by, reader, step.Text));
            }

            foreach (var woken in Woken(step).Where(w => arrows.All(a => a.To.Lane != w || a.From.Lane == w)))
            {
                arrows.Add(new(by, At(woken), "wakes it", IsWake: true));
            }

            var isMilestone = step.Number == history.InevitableFrom || Turns(step).Any();
            return new(step, by, arrows, isMilestone);
        }

        /// <summary>What the events of a vCPU thread say of its way between guest, KVM and VMM.</summary>
        private void Passages(HistoryStep step, Party by, List<Arrow> arrows)
        {
            Party In(Place place) => new(step.Lane, place);
            void Pass(Place from, Place to, string text)
            {
                arrows.Add(new(In(from), In(to), text));
                _places[step.Lane] = to;
            }

            if (step.Text.StartsWith("VMM calls KVM_RUN", StringComparison.Ordinal))
            {
                Pass(Place.Vmm, Place.Kvm, "KVM_RUN");
            }

            if (Event(step, "kvm_inj_exception") is { } fault)
            {
                Pass(Place.Kvm, Place.Guest, "#PF " + fault);
            }

            if (Event(step, "kvm_inj_virq") is { } ready)
            {
                Pass(Place.Kvm, Place.Guest, "interrupt " + ready);
            }
            else if (Event(step, Entry) is { } entry && !Has(step, "kvm_inj_exception"))
            {
                Pass(Place.Kvm, Place.Guest, entry);
            }

            if (Event(step, "kvm_msr") is { } ack)
            {
                Pass(Place.Guest, Place.Kvm, ack);
                _places[step.Lane] = Place.Guest;
            }

            foreach (var exit in new[] { Fault, "guest_hlt" }.Select(e => Event(step, e)).OfType<string>())
            {
                Pass(Place.Guest, Place.Kvm, exit);
            }

            if (step.Text.Contains("KVM_RUN returns", StringComparison.Ordinal) || Has(step, "kvm_userspace_exit"))
            {
                var why = Event(step, "kvm_userspace_exit") ?? Event(step, "run_interrupted") ?? "KVM_RUN returns";
                Pass(Place.Kvm, Place.Vmm, why.StartsWith("kvm_userspace_exit", StringComparison.Ordinal)
                    ? "exit: " + why : why);
            }
        }

        /// <summary>Where the thread is when it takes the step; the words of the machine say it, and the encoding goes
        /// on where the thread was.</summary>
        private Place Before(HistoryStep step)
        {
            if (s_kvmCalls.Any(c => step.Text.StartsWith(c, StringComparison.Ordinal)))
            {
                return Place.Kvm;
            }

            var place = step.Text.StartsWith("guest", StringComparison.Ordinal) ? Place.Guest
                : step.Text.StartsWith("KVM", StringComparison.Ordinal) ? Place.Kvm
                : step.Text.StartsWith("VMM", StringComparison.Ordinal) ? Place.Vmm
                : step.Text.StartsWith("task", StringComparison.Ordinal) ? Place.Guest
                : _places.GetValueOrDefault(step.Lane, Place.Vmm);
            return _places[step.Lane] = place;
        }

        private Party At(int lane) =>
            new(lane, IsVcpu(lane) ? _places.GetValueOrDefault(lane, Place.Kvm) : Place.Other);

        private bool IsVcpu(int lane) => history.Lanes[lane].StartsWith("vCPU ", StringComparison.Ordinal);

        private static string? Event(HistoryStep step, string name) =>
            step.Events.FirstOrDefault(e => e.StartsWith(name, StringComparison.Ordinal));

        /// <summary>The lane of the vCPU that a text names.</summary>
        private int? Vcpu(string text)
        {
            if (UponVcpu().Match(text) is not { Success: true } match)
            {
                return null;
            }

            var name = "vCPU " + (match.Groups[1].Success ? match.Groups[1] : match.Groups[2]).Value;
            var lane = history.Lanes.TakeWhile(l => l != name).Count();
            return lane < history.Lanes.Count ? lane : null;
        }

        private Party? ReaderOf(HistoryStep step)
        {
            var reader = history.Steps.SkipWhile(s => s != step).FirstOrDefault(s => s.Lane != step.Lane
                && s.Text.StartsWith("read eventfd", StringComparison.Ordinal));
            return reader is null ? null : At(reader.Lane);
        }

        /// <summary>Lanes whose thread the step made able to go on.</summary>
        private IEnumerable<int> Woken(HistoryStep step)
        {
            for (var lane = 0; lane < history.Lanes.Count; lane++)
            {
                var field = FieldPrefix(history.Lanes[lane]);
                if (lane != step.Lane && step.Changes.Any(c => c.After == "None"
                    && (c.Field == field + ".Blocked" || c.Field == field + ".thread.Blocked")))
                {
                    yield return lane;
                }
            }
        }

        /// <summary>How fields of a lane begin: <c>vcpu0</c> for "vCPU 0".</summary>
        private static string FieldPrefix(string lane) =>
            LaneNames.Short([lane])[0] is var name && name.StartsWith("cpu", StringComparison.Ordinal)
                ? "v" + name : name;
    }
}
