using System.Numerics;

namespace UapiLab.Harness.Machines;

/// <summary>Where docs/model.md has a rule; the last two have no table there.</summary>
internal enum RuleSection
{
    /// <summary>Async page faults.</summary>
    Apf,
    /// <summary>The area that the guest shares with KVM for them.</summary>
    Area,
    /// <summary>Snapshot and restore of the VM.</summary>
    Restore,
    /// <summary>Reset and destruction of a vCPU.</summary>
    Reset,
    /// <summary>Async page faults that KVM starts itself.</summary>
    OwnApf,
    /// <summary>The fault path and memory.</summary>
    Faults,
    /// <summary>userfaultfd.</summary>
    Uffd,
    /// <summary>The VMM.</summary>
    Vmm,
    /// <summary>The guest.</summary>
    Guest,
    /// <summary>What every trace keeps, whatever the machine does (docs/conform.md).</summary>
    Trace,
}

/// <summary>A rule of KVM, of the VMM or of the guest: one row of <see cref="Rules"/>.</summary>
internal sealed class Rule
{
    /// <summary>Name of the row in the code: the identifier and the subject.</summary>
    public required string Name { get; init; }

    /// <summary>Identifier in documents, histories and verdicts.</summary>
    public required string Id { get; init; }

    public required RuleSection Section { get; init; }

    /// <summary>The rule in a few words.</summary>
    public required string What { get; init; }

    /// <summary>What there is to say besides.</summary>
    public required string Detail { get; init; }

    /// <summary><c>doc</c> = kernel documentation and source, <c>seen</c> = a recording, <c>ours</c> = the
    /// lab.</summary>
    public required string Source { get; init; }

    /// <summary>What is known of a machine that does not keep the rule; null if no switch breaks it.</summary>
    public Breakage? Without { get; init; }

    /// <summary>Events of a trace that are held to the rule, where no line of the machine keeps it.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The rule's bit in a <see cref="RuleSet"/>; 0 if no switch breaks it.</summary>
    public required ulong Bit { get; init; }

    /// <summary>Releases of Linux that keep the rule.</summary>
    public required KernelRange Kernels { get; init; }

    /// <summary>All of it, as docs/model.md has it.</summary>
    public string Sentence => Detail.Length == 0 ? What : $"{What}. {Detail}";

    /// <summary>Whether a recording could break the rule. Guest, VMM, and VMs and vCPUs that start over
    /// are what a trace shows.</summary>
    public bool IsHeldToTraces => Section is not
        (RuleSection.Guest or RuleSection.Vmm or RuleSection.Restore or RuleSection.Reset)
        && (Without is not null || Events.Count > 0);

    public override string ToString() => Name;
}

/// <summary>A machine that does not keep a rule. One of the three middle members is set.</summary>
/// <param name="What">What the machine does then.</param>
internal sealed record Breakage(string What)
{
    /// <summary>The violation that a simulation reports.</summary>
    public ViolationKind? Seen { get; init; }

    /// <summary>Why simulations report nothing though they come to the rule.</summary>
    public string? Covered { get; init; }

    /// <summary>Why no simulation comes to the rule, and which test does.</summary>
    public string? NotSimulated { get; init; }

    /// <summary>Why no recording would notice; null if one does.</summary>
    public string? NoRecording { get; init; }
}

/// <summary>Rules that a machine does not keep: those of later kernels, and in tests any.</summary>
internal readonly record struct RuleSet
{
    private readonly ulong _bits;

    private RuleSet(ulong bits) => _bits = bits;

    public static RuleSet None => default;

    public bool Contains(Rule rule) => (_bits & rule.Bit) != 0;

    /// <summary>Rules that this release of Linux does not keep.</summary>
    public static RuleSet UnkeptBy(KernelVersion kernel) => Rules.Breakable
        .Where(rule => !rule.Kernels.Contains(kernel)).Aggregate(None, (set, rule) => set | rule);

    /// <summary>Names of rows, separated by commas; null or nothing for none.</summary>
    public static RuleSet Parse(string? names) =>
        (names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(None, (set, name) => set | Rules.Breakable.Single(rule => rule.Name == name));

    public static implicit operator RuleSet(Rule rule) =>
        rule.Bit != 0 ? new(rule.Bit) : throw new ArgumentException($"no switch breaks {rule.Name}");

    public static RuleSet operator |(RuleSet one, RuleSet other) => new(one._bits | other._bits);

    public override string ToString() => string.Join(", ", Rules.Breakable.Where(Contains));
}

/// <summary>How often the line that keeps a rule was reached: which rules a run exercised.</summary>
internal sealed class RuleUses
{
    private readonly long[] _counts = new long[64];

    /// <summary>Uses by the name of the rule, of rules that were used.</summary>
    public IReadOnlyDictionary<string, long> Counts => new SortedDictionary<string, long>(
        Rules.Breakable.Select(rule => KeyValuePair.Create(rule.Name, _counts[Index(rule)]))
            .Where(uses => uses.Value > 0).ToDictionary(),
        StringComparer.Ordinal);

    /// <summary>The line that keeps the rule was reached.</summary>
    public void Add(Rule rule) => _counts[Index(rule)]++;

    private static int Index(Rule rule) => BitOperations.TrailingZeroCount(rule.Bit);
}
