using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Checking.Model;

/// <summary>The small machine that is explored. Printed with every verdict: a verdict is about this machine and no
/// other.</summary>
public sealed record CheckInstance
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "default";
    /// <summary>vCPUs.</summary>
    public int Vcpus { get; init; } = 2;
    /// <summary>Frames; every task touches each once.</summary>
    public int Gfns { get; init; } = 2;
    /// <summary>Guest tasks on each vCPU.</summary>
    public int TasksPerVcpu { get; init; } = 2;
    /// <summary>I/O threads of the VMM.</summary>
    public int IoThreads { get; init; } = 1;
    /// <summary>Whether there is a prefetcher.</summary>
    public bool Prefetcher { get; init; } = true;
    /// <summary>ASYNC_PF_PER_VCPU.</summary>
    public int ApfLimit { get; init; } = 2;
    /// <summary>Order of accesses.</summary>
    public MemoryOrdering Order { get; init; }
    /// <summary>Rounds of re-arming.</summary>
    public int Rearms { get; init; } = 1;
    /// <summary>What the environment may do besides.</summary>
    internal EnvironmentBudget Environment { get; init; } =
        new() { Signals = 1, RefusedInjections = 1, FailedCopies = 1 };
    /// <summary>Modes a task may be in at an access.</summary>
    public IReadOnlyList<GuestStepFlags> Modes { get; init; } =
        [GuestStepFlags.None, GuestStepFlags.Kernel, GuestStepFlags.InterruptsOff];

    /// <summary>Whether steps that no other actor can notice are taken together with the next one that an actor
    /// can.</summary>
    public bool CoalescesInvisible { get; init; } = true;
    /// <summary>Whether states that differ only in names count once.</summary>
    public bool Symmetric { get; init; } = true;

    /// <summary>Whether who is in the kernel or in the guest goes on until it sleeps or returns: what is left are the
    /// runs that one program can bring about, call by call.</summary>
    internal bool InWholeCalls { get; init; }

    /// <summary>Whether the search may leave out what it can argue away.</summary>
    internal bool IsReduced => CoalescesInvisible || Symmetric;

    /// <summary>The same machine, searched without such arguments.</summary>
    internal CheckInstance Unreduced => this with { CoalescesInvisible = false, Symmetric = false };

    /// <summary>Whether userspace is an enemy: then properties that depend on its help are not asked about.</summary>
    internal bool IsHostile => Environment.HostileActs > 0;

    /// <summary>How the VMM arms a page again.</summary>
    internal RearmWay RearmBy { get; init; }

    /// <summary>Whether names stay as KVM gave them, and faults may be wanted for a purpose other than paging: what a
    /// half is given must not depend on what it cannot see.</summary>
    internal bool IsForViews { get; init; }

    /// <summary>Whether the last frame is there from the start and the VMM wants to hear of the first write to it;
    /// tasks then read or write.</summary>
    internal bool TracksWrites { get; init; }

    /// <summary>Gfn of the first frame; 0 but where gfns are large.</summary>
    internal ulong FirstGfn { get; init; }

    /// <summary>Whether frames are private at first; a guest that may convert them says so in
    /// <see cref="Modes"/>.</summary>
    internal bool StartsPrivate { get; init; }

    /// <summary>Whether the last frame holds the guest's APF area, from the start.</summary>
    internal bool PlacesArea { get; init; }

    /// <summary>Whether the host mapping refuses the last frame, which is there and not armed.</summary>
    internal bool RefusesLastGfn { get; init; }

    /// <summary>Memory under the slot.</summary>
    internal Backing Backing { get; init; }

    /// <summary>Whether the last frame is left unmarked, and KVM starts APFs of its own for it.</summary>
    internal bool HasOwnApf { get; init; }

    /// <summary>A snapshot and restore of the VM, once and at any moment; null if there is none.</summary>
    internal RestoreScenario? Restores { get; init; }

    /// <summary>Whether the last frame holds the guest's APF area instead of anything that a task touches.</summary>
    internal bool HasAreaInSlot => PlacesArea || Restores is { Area: not ApfAreaAtRestore.Elsewhere };

    /// <summary>Tokens that KVM draws for a vCPU, from a counter that runs on; 0: each time the lowest that occurs
    /// nowhere.</summary>
    internal int TokenDraws { get; init; }

    /// <summary>A page that the guest has mapped may be armed again before its READYs are sent.</summary>
    internal bool RearmsBeforeReadies { get; init; }

    /// <summary>Counters that run freely are one before their end when the guest starts.</summary>
    internal bool CountersWrap { get; init; }

    /// <summary>A refusal of an ioctl that is asked about; null if none is.</summary>
    internal RefusedIoctl? WatchedRefusal { get; init; }

    /// <summary>Properties that a plugin brought, asked about beside the checker's own. What they remember may tell
    /// vCPUs and frames apart.</summary>
    public IReadOnlyList<IProperty> Watched { get; init; } = [];

    /// <summary>The release of Linux whose rules KVM keeps.</summary>
    public KernelVersion Kernel { get; private init; } = KernelVersion.Newest;

    /// <summary>Rules the machine breaks: for tests that see the checker fail.</summary>
    internal RuleSet Broken { get; init; }

    /// <summary>Instances that together are the default of a check, each explored completely (docs/checking.md,
    /// "instances"). The small ones come first, so that what they show is told within seconds.</summary>
    public static IReadOnlyList<CheckInstance> Suite { get; } =
    [
        // A balloon or a discard in another thread goes by what the guest uses, not by what the VMM has yet to say.
        new() { Name = "re-arm-early", Vcpus = 1, Gfns = 1, Prefetcher = false, Environment = new(),
            Modes = [GuestStepFlags.None], RearmsBeforeReadies = true },
        // A gfn and its successor on both sides of a word of bits, of 32 bits, and above a gpa of 32 bits.
        new() { Name = "boundary", Vcpus = 1, Prefetcher = false, Rearms = 0,
            Environment = new(), Modes = [GuestStepFlags.None], FirstGfn = uint.MaxValue },
        // Userspace is an enemy of KVM here, so only what KVM owes to any userspace is asked: nothing about this
        // guest's luck.
        new()
        {
            Name = "hostile", Vcpus = 1, Gfns = 1, Prefetcher = false, Rearms = 0, Symmetric = false,
            Environment = new() { HostileActs = 2 }, Modes = [GuestStepFlags.None],
        },
        // Any access may come after the guest has disabled APF, with faults outstanding and READY on its way.
        new() { Name = "teardown", Gfns = 1, Prefetcher = false, Rearms = 0, Environment = new() { RepeatedIoctls = 1 },
            Modes = [GuestStepFlags.None, GuestStepFlags.DisableApf] },
        new() { Name = "queue", Vcpus = 1, Gfns = 3, TasksPerVcpu = 3, Prefetcher = false, Rearms = 0,
            Environment = new(), Modes = [GuestStepFlags.None] },
        // As many as find a place: a table of two is too small.
        new() { Name = "queue-of-three", Vcpus = 1, Gfns = 3, TasksPerVcpu = 3, ApfLimit = 3, Prefetcher = false,
            Rearms = 0, Environment = new(), Modes = [GuestStepFlags.None] },
        new()
        {
            // The VMM may call KVM_RUN without having seen to the exit, and say READY or ACCEPT twice.
            Name = "careless", Gfns = 1, Prefetcher = false, Rearms = 0,
            Environment = new() { Signals = 1, RefusedInjections = 1, FailedCopies = 1, CarelessReentries = 1,
                RepeatedIoctls = 1 },
        },
        new() { Name = "tasks", Gfns = 1, Rearms = 0 },
        new() { Name = "frames", TasksPerVcpu = 1, Rearms = 0, Modes = [GuestStepFlags.None] },
        new() { Name = "re-arm-frames", TasksPerVcpu = 1, Prefetcher = false, Environment = new(),
            Modes = [GuestStepFlags.None] },
        new() { Name = "re-arm", Gfns = 1, Prefetcher = false, Environment = new() { RefusedInjections = 1 },
            Modes = [GuestStepFlags.None] },
    ];

    /// <summary>A few seconds: one frame, one task a vCPU, everything the environment may do but re-arm.</summary>
    public static CheckInstance Quick { get; } = new() { Name = "quick", Gfns = 1, TasksPerVcpu = 1, Rearms = 0 };

    /// <summary>One vCPU and two frames whose bits share a word, armed again once: the smallest machine on which one
    /// frame's update can undo another's. Small enough for every memory order.</summary>
    public static CheckInstance SharedWord { get; } =
        new()
        {
            Name = "shared-word",
            Vcpus = 1,
            Prefetcher = false,
            Environment = new(),
            Modes = [GuestStepFlags.None]
        };

    /// <summary>As <see cref="SharedWord"/> with one task: two faults one after the other, with the VMM's threads
    /// behind them.</summary>
    public static CheckInstance SharedWordTask { get; } =
        SharedWord with { Name = "shared-word-task", TasksPerVcpu = 1 };

    /// <summary>A missing frame beside one whose writes the VMM wants to hear of: what a newer version of an encoding
    /// adds (docs/version-skew.md).</summary>
    public static CheckInstance Skew { get; } =
        new()
        {
            Name = "skew",
            TasksPerVcpu = 1,
            Prefetcher = false,
            Rearms = 0,
            Environment = new(),
            Modes = [GuestStepFlags.None],
            TracksWrites = true
        };

    /// <summary>The VM is saved at any moment, with APFs outstanding, and restored elsewhere with nothing of KVM's and
    /// fresh words.</summary>
    public static CheckInstance Restore { get; } = new()
    {
        Name = "restore",
        Vcpus = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        Restores = new(),
    };

    /// <summary>What else a restore may meet: words that the VMM carries over, MSRs that it does not, and the APF
    /// area's page armed, or missing over each kind of memory in which KVM's own access to it does something else
    /// (docs/checking.md).</summary>
    public static IReadOnlyList<CheckInstance> RestoreSuite { get; } =
    [
        Restore,
        Restore with { Name = "restore-words", Restores = new(CarriesWords: true) },
        Restore with { Name = "restore-no-vector", Restores = new(Msrs: ApfMsrsAtRestore.NoVector) },
        Restore with { Name = "restore-refused", Restores = new(Msrs: ApfMsrsAtRestore.Refused) },
        Restore with { Name = "restore-area-armed", Restores = new(ApfAreaAtRestore.Armed) },
        Restore with { Name = "restore-area", Restores = new(ApfAreaAtRestore.Unpopulated) },
        Restore with { Name = "restore-area-uffd", Backing = Backing.Userfaultfd,
            Restores = new(ApfAreaAtRestore.Unpopulated) },
        Restore with { Name = "restore-area-gmem", Backing = Backing.GuestMemfd,
            Restores = new(ApfAreaAtRestore.Unpopulated) },
        Restore with { Name = "restore-area-gmem-mmap", Backing = Backing.GuestMemfdMapped,
            Restores = new(ApfAreaAtRestore.Unpopulated) },
    ];

    /// <summary>CR0.PG may be cleared and set again before any access, as an SMI does.</summary>
    public static CheckInstance Smi { get; } = new()
    {
        Name = "smi",
        Gfns = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None, GuestStepFlags.TogglePaging],
    };

    /// <summary>An INIT may reach a vCPU at any moment, with APFs outstanding.</summary>
    public static CheckInstance Reset { get; } = new()
    {
        Name = "reset",
        Vcpus = 1,
        Gfns = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new() { Resets = 1 },
        Modes = [GuestStepFlags.None],
    };

    /// <summary>What else a reset may meet: a halt that was asked for before the exit to userspace, and userspace
    /// that resets the vCPU itself.</summary>
    public static IReadOnlyList<CheckInstance> ResetSuite { get; } =
    [
        Reset,
        Reset with { Name = "reset-refused", Environment = new() { Resets = 1, RefusedInjections = 1 } },
        Reset with { Name = "reboot",
            Environment = new() { Resets = 1, ResetBy = ResetWay.Userspace, Signals = 1 } },
    ];

    /// <summary>Userspace may drop a not-present that is pending (KVM_SET_VCPU_EVENTS) between two KVM_RUNs.</summary>
    public static CheckInstance SetEvents { get; } = new()
    {
        Name = "set-events",
        Vcpus = 1,
        Gfns = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new() { Signals = 1, DroppedEvents = 1 },
        Modes = [GuestStepFlags.None],
    };

    /// <summary>The VMM may have any page faulted in between two KVM_RUNs (KVM_PRE_FAULT_MEMORY).</summary>
    public static CheckInstance Prefault { get; } = new()
    {
        Name = "pre-fault",
        Vcpus = 1,
        Gfns = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Environment = new() { Prefaults = 1 },
        Modes = [GuestStepFlags.None],
    };

    /// <summary>A frame that the encoding marks beside one whose bit is clear and that is missing over userfaultfd:
    /// there KVM starts APFs of its own, in the same queue.</summary>
    public static CheckInstance OwnApf { get; } = new()
    {
        Name = "own-apf",
        Vcpus = 1,
        TasksPerVcpu = 3,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        HasOwnApf = true,
    };

    /// <summary>Tokens as KVM draws them: its counter runs on, once by more than one, for the guest's other frames.
    /// <c>check</c> adds it to its suite for an encoding that computes with tokens.</summary>
    public static CheckInstance TokenCounter { get; } = new()
    {
        Name = "token-counter",
        Vcpus = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        TokenDraws = 4,
    };

    /// <summary>The indices of a ring wrap. <c>check</c> adds it to its suite for an encoding with counters that run
    /// freely.</summary>
    public static CheckInstance Wrap { get; } = new()
    {
        Name = "wrap",
        Vcpus = 1,
        TasksPerVcpu = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        CountersWrap = true,
    };

    /// <summary>KVM fills a missing page of its own accord, once and before any entry.</summary>
    public static CheckInstance KvmWrites { get; } = new()
    {
        Name = "kvm-writes",
        Gfns = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new() { KvmWrites = 1 },
        Modes = [GuestStepFlags.None],
    };

    /// <summary>Private pages, which the guest may have converted before any access.</summary>
    public static CheckInstance Private { get; } = new()
    {
        Name = "private",
        Gfns = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None, GuestStepFlags.Convert],
        StartsPrivate = true,
    };

    /// <summary>The APF area lies in a guest_memfd, and other memory at its userspace_addr.</summary>
    public static CheckInstance AreaBeside { get; } = new()
    {
        Name = "area-beside",
        Vcpus = 1,
        Prefetcher = false,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        Backing = Backing.GuestMemfdBeside,
        PlacesArea = true,
    };

    /// <summary>One of two pages is refused by the host: a plain -EFAULT, beside what kvm_run holds of the other.
    /// </summary>
    public static CheckInstance StaleRun { get; } = new()
    {
        Name = "stale-run",
        Vcpus = 1,
        Prefetcher = false,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        RefusesLastGfn = true,
    };

    /// <summary>As <c>re-arm</c>, through a memslot update with the vCPUs parked.</summary>
    public static CheckInstance RearmMemslot { get; } =
        Suite.Single(i => i.Name == "re-arm") with { Name = "re-arm-memslot", RearmBy = RearmWay.Memslot };

    /// <summary>Everything at once: too big to exhaust, for bounded searches and random schedules.</summary>
    public static CheckInstance Full { get; } = new() { Name = "full" };

    /// <summary>Every named instance.</summary>
    public static IReadOnlyList<CheckInstance> Named { get; } =
    [
        .. Suite, TokenCounter, Wrap, RearmMemslot, Smi, .. ResetSuite, SetEvents, Prefault, OwnApf, KvmWrites,
        StaleRun, Private, AreaBeside, Quick, SharedWord, SharedWordTask, Skew, .. RestoreSuite, Full,
    ];

    /// <summary>The instance that this text names: <c>tasks</c>, or <c>tasks:vcpus=1,tasks=1</c> with sizes of your
    /// own.</summary>
    /// <exception cref="InputException">There is no such instance or size, or the size is out of range.</exception>
    public static CheckInstance Resolve(string text)
    {
        var spec = SpecText.Parse(text);
        var instance = Named.FirstOrDefault(i => i.Name == spec.Id)
            ?? throw Unknown.Word("--instance " + text, "instance", spec.Id, [.. Named.Select(i => i.Name)]);
        return instance.With(
            [.. spec.Options.Select(o => (InstanceSize.OfName("--instance " + text, o.Key), o.Value))]);
    }

    /// <summary>The same with other sizes, which its name says.</summary>
    internal CheckInstance With(params IReadOnlyList<(InstanceSize Size, string Value)> sizes)
    {
        var changed =
            sizes.Aggregate(this, (instance, s) => s.Size.Set(instance, s.Size.Read("--instance " + Name, s.Value)));
        if (changed is { HasAreaInSlot: true, Gfns: < 2 })
        {
            throw new InputException("--instance " + Name,
                "gfns is 1, expected 2 or more: the last frame holds the APF area, and tasks touch the others");
        }

        var different = InstanceSize.All.Where(s => s.Get(changed) != s.Get(Original))
            .Select(s => $"{s.Name}={Number(s.Get(changed))}").ToArray();
        return changed with
        {
            Name = different.Length == 0 ? Original.Name
            : $"{Original.Name}:{string.Join(',', different)}"
        };
    }

    /// <summary>The same on another release of Linux.</summary>
    /// <exception cref="InputException">That one has no such memory.</exception>
    public CheckInstance On(KernelVersion kernel) =>
        Backing is Backing.GuestMemfd or Backing.GuestMemfdMapped && kernel.IsBefore(s_firstMappedGuestMemfd)
            ? throw new InputException($"--kernel {kernel}", $"{Name} has shared faults in a guest_memfd "
                + $"(GUEST_MEMFD_FLAG_MMAP), expected {s_firstMappedGuestMemfd} or later")
            : this with { Kernel = kernel };

    private static readonly KernelVersion s_firstMappedGuestMemfd = new(6, 18);

    /// <summary>The named instance that this one is or was made from.</summary>
    private CheckInstance Original => Named.FirstOrDefault(i => i.Name == SpecText.Parse(Name).Id) ?? this;

    /// <summary>What is printed with every verdict, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters =>
    [
        new("instance", Name),
        .. InstanceSize.All.Select(s => new KeyValuePair<string, string>(s.Name, Number(s.Get(this)))),
        .. TokenDraws > 0 ? [new KeyValuePair<string, string>("tokens", Invariant($"counted-to-{TokenDraws}"))]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. FirstGfn > 0 ? [new KeyValuePair<string, string>("first-gfn", Invariant($"{FirstGfn}"))]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. CountersWrap ? [new KeyValuePair<string, string>("wrapped-counters", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. TracksWrites ? [new KeyValuePair<string, string>("tracked-frames", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. RearmBy != default ? [new KeyValuePair<string, string>("re-armed-by", RearmBy.ToString().ToLowerInvariant())]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. RearmsBeforeReadies ? [new KeyValuePair<string, string>("re-armed-before-readies", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. Environment.Resets > 0
            ? [new KeyValuePair<string, string>("reset-by", Environment.ResetBy.ToString().ToLowerInvariant())]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. Environment.DroppedEvents > 0 ? [new KeyValuePair<string, string>("dropped-events", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. Environment.Prefaults > 0 ? [new KeyValuePair<string, string>("pre-faults", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. HasOwnApf ? [new KeyValuePair<string, string>("own-apf", "1")] : Array.Empty<KeyValuePair<string, string>>(),
        .. Environment.KvmWrites > 0 ? [new KeyValuePair<string, string>("kvm-writes", Number(Environment.KvmWrites))]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. Environment.KvmReads ? [new KeyValuePair<string, string>("kvm-reads", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. StartsPrivate ? [new KeyValuePair<string, string>("private-frames", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. PlacesArea ? [new("placed-area", "1"), new("backing", Backing.ToString().ToLowerInvariant())]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. RefusesLastGfn ? [new KeyValuePair<string, string>("refused-frames", "1")]
            : Array.Empty<KeyValuePair<string, string>>(),
        .. Restores is { } restore ? RestoreParameters(restore) : [],
        new("modes",
            string.Join('+', Modes.Select(m => m == GuestStepFlags.None ? "user" : m == GuestStepFlags.Kernel ? "cpl0"
            : m == GuestStepFlags.InterruptsOff ? "if0" : m == GuestStepFlags.DisableApf ? "disable-apf"
            : m == GuestStepFlags.TogglePaging ? "smi"
            : m == GuestStepFlags.Convert ? "convert"
            : m.ToString()))),
        new("memory", Order.ToString().ToLowerInvariant()),
        .. Kernel != KernelVersion.Newest ? [new KeyValuePair<string, string>("kernel", Kernel.ToString())]
            : Array.Empty<KeyValuePair<string, string>>(),
    ];

    /// <summary>The instance that printed these parameters.</summary>
    /// <exception cref="InputException">One is missing or is no value that it could have.</exception>
    public static CheckInstance Parse(string file, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var sized = InstanceSize.All.Aggregate(new CheckInstance(),
            (instance, size) => size.Set(instance, size.Read(file + ": instance", Text(size.Name))));
        return sized with
        {
            Name = Text("instance"),
            Environment = sized.Environment with
            {
                Resets = Has("reset-by") ? 1 : 0,
                ResetBy = Has("reset-by") ? Member<ResetWay>("reset-by") : default,
                DroppedEvents = Has("dropped-events") ? 1 : 0,
                Prefaults = Has("pre-faults") ? 1 : 0,
                KvmWrites = Has("kvm-writes") ? One("kvm-writes") : 0,
                KvmReads = Has("kvm-reads") && One("kvm-reads") == 1,
            },
            TokenDraws = parameters.FirstOrDefault(p => p.Key == "tokens").Value switch
            {
                null => 0,
                var drawn when drawn.StartsWith("counted-to-", StringComparison.Ordinal)
                    && int.TryParse(drawn["counted-to-".Length..], out var draws) && draws > 0 => draws,
                var drawn => throw Wrong("tokens", drawn, "counted-to-4, or another number"),
            },
            FirstGfn = parameters.FirstOrDefault(p => p.Key == "first-gfn").Value switch
            {
                null => 0,
                var gfn => ulong.TryParse(gfn, out var first) && first < 1UL << 40 ? first
                    : throw Wrong("first-gfn", gfn, "a gfn below 2^40"),
            },
            TracksWrites = parameters.Any(p => p.Key == "tracked-frames"
                && (p.Value == "1" || (p.Value == "0" ? false : throw Wrong(p.Key, p.Value, "0 or 1")))),
            CountersWrap = Has("wrapped-counters") && One("wrapped-counters") == 1,
            StartsPrivate = Has("private-frames") && One("private-frames") == 1,
            PlacesArea = Has("placed-area") && One("placed-area") == 1,
            RefusesLastGfn = Has("refused-frames") && One("refused-frames") == 1,
            Restores = Has("restored-area")
                ? new(Member<ApfAreaAtRestore>("restored-area"),
                    Text("restored-words") switch
                    {
                        "carried" => true,
                        "fresh" => false,
                        var words => throw Wrong("restored-words", words, "fresh or carried")
                    },
                    Has("restored-msrs") ? Member<ApfMsrsAtRestore>("restored-msrs") : default)
                : null,
            RearmBy = Has("re-armed-by") ? Member<RearmWay>("re-armed-by") : default,
            RearmsBeforeReadies = Has("re-armed-before-readies") && One("re-armed-before-readies") == 1,
            HasOwnApf = Has("own-apf"),
            Backing = Has("backing") ? Member<Backing>("backing") : default,
            Modes = [.. Text("modes").Split('+').Select(mode => mode switch
            {
                "user" => GuestStepFlags.None,
                "cpl0" => GuestStepFlags.Kernel,
                "if0" => GuestStepFlags.InterruptsOff,
                "disable-apf" => GuestStepFlags.DisableApf,
                "smi" => GuestStepFlags.TogglePaging,
                "convert" => GuestStepFlags.Convert,
                _ => Enum.TryParse<GuestStepFlags>(mode, out var flags) ? flags
                    : throw Wrong("modes", mode, "user, cpl0, if0, disable-apf, smi or convert"),
            })],
            Kernel = parameters.FirstOrDefault(p => p.Key == "kernel").Value switch
            {
                null => KernelVersion.Newest,
                var kernel => KernelVersion.Parse(kernel) ?? throw Wrong("kernel", kernel, KernelVersion.Expected),
            },
            Order = Text("memory") switch
            {
                "sc" => MemoryOrdering.Sc,
                "tso" => MemoryOrdering.Tso,
                "weak" => MemoryOrdering.Weak,
                var order => throw Wrong("memory", order, "sc, tso or weak"),
            },
        };

        bool Has(string name) => parameters.Any(p => p.Key == name);

        string Text(string name) => parameters.FirstOrDefault(p => p.Key == name).Value
            ?? throw Wrong(name, "missing", "a value");

        int One(string name) => Text(name) == "1" ? 1 : throw Wrong(name, Text(name), "1");

        T Member<T>(string name) where T : struct, Enum => Enum.GetNames<T>()
            .FirstOrDefault(n => n.ToLowerInvariant() == Text(name)) is { } found
            ? Enum.Parse<T>(found)
            : throw Wrong(name, Text(name), string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant());

        InputException Wrong(string name, string value, string expected) =>
            new(file, $"instance.{name} is {value}, expected {expected}");
    }

    private IEnumerable<KeyValuePair<string, string>> RestoreParameters(RestoreScenario restore) =>
    [
        new("restored-area", restore.Area.ToString().ToLowerInvariant()),
        new("restored-words", restore.CarriesWords ? "carried" : "fresh"),
        .. restore.Msrs == default ? Array.Empty<KeyValuePair<string, string>>()
            : [new("restored-msrs", restore.Msrs.ToString().ToLowerInvariant())],
        new("backing", Backing.ToString().ToLowerInvariant()),
    ];

    private static string Number(int value) => Invariant($"{value}");

    /// <summary>Shape of the machine.</summary>
    public MachineConfig Config => new()
    {
        Vcpus = Vcpus,
        TasksPerVcpu = TasksPerVcpu,
        Gfns = Gfns,
        IoThreads = IoThreads,
        ApfLimit = ApfLimit,
        TlbEntries = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Gfns),
        PrefetchDepth = Prefetcher ? 1 : 0,
        PredictedGfns = Gfns,
        Rearms = Rearms > 0 || Restores is not null,
        RearmRounds = Restores is null ? Rearms : 1,
        Restores = Restores,
        ApfAreaGfn = HasAreaInSlot ? Gfns - 1 : -1,
        FreePolicy = true,
        RearmBy = RearmBy,
        RearmsOnePage = RearmBy != RearmWay.Memslot,
        RearmsBeforeReadies = RearmsBeforeReadies,
        FirstGfn = FirstGfn,
        CountersWrap = CountersWrap,
        Backing = HasOwnApf ? Backing.Userfaultfd : Backing,
        KernelApf = HasOwnApf,
        UnmarkedGfns = HasOwnApf ? 1 : 0,
        Broken = Broken | RuleSet.UnkeptBy(Kernel),
        Watched = Watched,
        WatchedRefusal = WatchedRefusal,
        Environment = Environment,
        Order = Order,
        LogLimit = 96,
        JudgesKvm = !IsForViews,
        RecyclesTokens = !IsForViews && TokenDraws == 0,
        TokenDraws = TokenDraws,
        InstantDevice = true,
        Renames = !IsForViews,
        Intercepts = IsForViews,
        TracksWrites = TracksWrites,
        RefusesLastGfn = RefusesLastGfn,
        StartsPrivate = StartsPrivate,
    };
}
