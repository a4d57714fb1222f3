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
/// <param name="Kind">By which way it passes.</param>
internal sealed record Arrow(Party From, Party To, string Text, ArrowKind Kind)
{
    /// <summary>Whether it only lets the other go on.</summary>
    public bool IsWake => Kind == ArrowKind.Wake;
}

/// <summary>By which way something passes from one party to another.</summary>
internal enum ArrowKind
{
    /// <summary>Guest to KVM: a fault, HLT, a write of an MSR.</summary>
    Trap,
    /// <summary>KVM to guest, without an event.</summary>
    Entry,
    /// <summary>KVM to guest: the not-present #PF.</summary>
    NotPresent,
    /// <summary>KVM to guest: the page-ready interrupt.</summary>
    Interrupt,
    /// <summary>KVM to VMM: KVM_RUN returns.</summary>
    Exit,
    /// <summary>VMM to KVM.</summary>
    Run,
    /// <summary>VMM to KVM.</summary>
    Ioctl,
    /// <summary>Who signals an eventfd, to who reads it.</summary>
    Eventfd,
    /// <summary>One thread lets another go on.</summary>
    Wake,
    /// <summary>Who stores a shared word, to who loads what was stored.</summary>
    Word,
}

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
    [
        "queue an APF", "queue not-present", "complete the APF", "not-present cannot", "APF outstanding", "lock ",
        "unlock ",
    ];

    private readonly HashSet<int> _boot;

    private Story(History history, HashSet<int> boot, IReadOnlyList<Beat> all, IReadOnlyList<Beat> beats)
    {
        History = history;
        _boot = boot;
        All = all;
        Beats = beats;
    }

    public History History { get; }

    /// <summary>How many steps of vCPUs come before their first fault.</summary>
    public int Booted => _boot.Count;

    /// <summary>Every step, in order.</summary>
    public IReadOnlyList<Beat> All { get; }

    /// <summary>What is told, in order.</summary>
    public IReadOnlyList<Beat> Beats { get; }

    public static Story Of(History history)
    {
        var reader = new Reader(history);
        Beat[] beats = [.. history.Steps.Select(reader.Next)];
        var boot = beats.Where(b => b.By.Place != Place.Other).GroupBy(b => b.By.Lane)
            .SelectMany(lane => lane.TakeWhile(b => !Has(b.Step, Fault))).Select(b => b.Step.Number).ToHashSet();
        // What was broken or settled before a fault is no boot.
        if (boot.Contains(history.InevitableFrom) || boot.Count == beats.Length
            || beats.Any(b => boot.Contains(b.Step.Number) && IsViolation(b.Step)))
        {
            boot.Clear();
        }

        var changes = new LastChanges(history);
        return new(history, boot, beats, [.. beats.Where(b => !boot.Contains(b.Step.Number)
            && IsTold(history, b, changes))]);
    }

    /// <summary>Whether the step is one of a vCPU before its first fault.</summary>
    public bool IsBoot(HistoryStep step) => _boot.Contains(step.Number);

    /// <summary>Whether the step breaks a property.</summary>
    public static bool IsViolation(HistoryStep step) => Has(step, "VIOLATION");

    /// <summary>What a short account says of a beat.</summary>
    public static string Tell(Beat beat) => beat.Arrows.FirstOrDefault(a => !a.IsWake) is { } arrow ? arrow.Text
        : string.Join("; ", Turns(beat.Step).Where(e => !beat.Step.Text.EndsWith(e, StringComparison.Ordinal))
            .Prepend(beat.Step.Text));

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

    private static bool IsTold(History history, Beat beat, LastChanges changes)
    {
        var step = beat.Step;
        return beat.IsMilestone || beat.Arrows.Count > 0
            || (step.Number == history.Steps.Count && step.Changes.Count > 0)
            || (!step.Text.StartsWith("lock ", StringComparison.Ordinal)
                && !step.Text.StartsWith("unlock ", StringComparison.Ordinal)
                && (changes.Overtake(step) || step.Changes.Any(c => IsShared(c.Field))));
    }

    /// <summary>A word of a region or the content of a frame, by the name of the field.</summary>
    public static bool IsShared(string field) =>
        field.EndsWith(']') && !field.StartsWith("apf[", StringComparison.Ordinal) && !field.Contains('.');

    private static bool Has(HistoryStep step, string name) =>
        step.Events.Any(e => e.StartsWith(name, StringComparison.Ordinal));

    [GeneratedRegex(@"^load ([^ ]+\]) = ")]
    private static partial Regex Loaded();

    [GeneratedRegex(@"\bgfn (?:0x[0-9a-f]+|\d+)")]
    private static partial Regex Frame();

    [GeneratedRegex(@"\bon vCPU (\d+)|\bof vCPU (\d+)")]
    private static partial Regex UponVcpu();

    /// <summary>The last step of each lane that changes a field.</summary>
    private sealed class LastChanges
    {
        private readonly Dictionary<string, int[]> _last = [];

        public LastChanges(History history)
        {
            foreach (var step in history.Steps)
            {
                foreach (var change in step.Changes)
                {
                    var last = _last.TryGetValue(change.Field, out var known) ? known
                        : _last[change.Field] = new int[history.Lanes.Count];
                    last[step.Lane] = step.Number;
                }
            }
        }

        /// <summary>Whether what the step loads is changed by another lane later.</summary>
        public bool Overtake(HistoryStep step) => Loaded().Match(step.Text) is { Success: true } load
            && _last.TryGetValue(load.Groups[1].Value, out var last)
            && last.Where((number, lane) => lane != step.Lane && number > step.Number).Any();
    }

    /// <summary>Goes through the steps and keeps where each vCPU thread is.</summary>
    private sealed class Reader(History history)
    {
        private readonly Dictionary<int, Place> _places = [];

        /// <summary>How fields of a lane begin: <c>vcpu0</c> for "vCPU 0".</summary>
        private readonly string[] _prefixes = [.. history.Lanes.Select(FieldPrefix)];

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
                arrows.Add(new(by, new(upon, Place.Kvm), step.Text, ArrowKind.Ioctl));
            }
            else if (step.Text.StartsWith("signal eventfd", StringComparison.Ordinal) && ReaderOf(step) is { } reader)
            {
                arrows.Add(new(by, reader, step.Text, ArrowKind.Eventfd));
            }

            foreach (var woken in Woken(step).Where(w => arrows.All(a => a.To.Lane != w || a.From.Lane == w)))
            {
                arrows.Add(new(by, At(woken), "wakes it", ArrowKind.Wake));
            }

            var isMilestone = step.Number == history.InevitableFrom || Turns(step).Any();
            return new(step, by, arrows, isMilestone);
        }

        /// <summary>What the events of a vCPU thread say of its way between guest, KVM and VMM.</summary>
        private void Passages(HistoryStep step, Party by, List<Arrow> arrows)
        {
            Party In(Place place) => new(step.Lane, place);
            void Pass(Place from, Place to, string text, ArrowKind kind)
            {
                arrows.Add(new(In(from), In(to), text, kind));
                _places[step.Lane] = to;
            }

            if (step.Text.StartsWith("VMM calls KVM_RUN", StringComparison.Ordinal))
            {
                Pass(Place.Vmm, Place.Kvm, "KVM_RUN", ArrowKind.Run);
            }

            if (Event(step, "kvm_inj_exception") is { } fault)
            {
                Pass(Place.Kvm, Place.Guest, "#PF " + fault, ArrowKind.NotPresent);
            }

            if (Event(step, "kvm_inj_virq") is { } ready)
            {
                Pass(Place.Kvm, Place.Guest, "interrupt " + ready, ArrowKind.Interrupt);
            }
            else if (Event(step, Entry) is { } entry && !Has(step, "kvm_inj_exception"))
            {
                Pass(Place.Kvm, Place.Guest, entry, ArrowKind.Entry);
            }

            if (Event(step, "kvm_msr") is { } ack)
            {
                Pass(Place.Guest, Place.Kvm, ack, ArrowKind.Trap);
                _places[step.Lane] = Place.Guest;
            }

            foreach (var exit in new[] { Fault, "guest_hlt", "kvm_exit" }.Select(e => Event(step, e)).OfType<string>())
            {
                Pass(Place.Guest, Place.Kvm, exit, ArrowKind.Trap);
            }

            if (step.Text.Contains("KVM_RUN returns", StringComparison.Ordinal) || Has(step, "kvm_userspace_exit"))
            {
                var why = Event(step, "kvm_userspace_exit") ?? Event(step, "run_interrupted") ?? "KVM_RUN returns";
                Pass(Place.Kvm, Place.Vmm, why.StartsWith("kvm_userspace_exit", StringComparison.Ordinal)
                    ? "exit: " + why : why, ArrowKind.Exit);
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
            var reader = history.Steps.Skip(step.Number).FirstOrDefault(s => s.Lane != step.Lane
                && s.Text.StartsWith("read eventfd", StringComparison.Ordinal));
            return reader is null ? null : At(reader.Lane);
        }

        /// <summary>Lanes whose thread the step made able to go on.</summary>
        private IEnumerable<int> Woken(HistoryStep step)
        {
            for (var lane = 0; lane < history.Lanes.Count; lane++)
            {
                var field = _prefixes[lane];
                if (lane != step.Lane && step.Changes.Any(c => c.After == "None"
                    && (c.Field == field + ".Blocked" || c.Field == field + ".thread.Blocked")))
                {
                    yield return lane;
                }
            }
        }

        private static string FieldPrefix(string lane) =>
            LaneNames.Short([lane])[0] is var name && name.StartsWith("cpu", StringComparison.Ordinal)
                ? "v" + name : name;
    }
}
