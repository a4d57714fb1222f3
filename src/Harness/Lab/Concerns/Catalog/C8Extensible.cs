using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Skew;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C8.</summary>
internal sealed class C8Extensible : Concern
{
    public override string Id => "C8";
    public override string Title => "extensible, not a pain to maintain";
    public override string Question =>
        "Can a fault with another purpose be added, and what becomes of an old VMM on a new KVM, a new VMM on an old "
            + "KVM?";
    public override string Source =>
        $"{Mails.MatterOfCost}: what a single bit for all userfaults means "
            + "for the future";
    public override string Method =>
        "Two things are told apart. The header: the description and the KVM half, called with unknown bits, are held "
            + "against the rules of uAPI design, and each pair of old and new VMM and KVM, and a VMM that knows only "
            + "what the encoding builds on, is explored on `skew` after the negotiation its VMM does "
            + "(docs/version-skew.md). The state per gfn: version 2, which tracks first writes, is compared with "
            + "version 1, and further kinds of fault (R/W/X, poison, private/shared) are counted against the values "
            + "that are left; large folios cost every state per gfn the same and enter no verdict. "
            + "Header holds: no pair misbehaves, and the lint finds no error. Header broken: a pair silently "
            + "misbehaves, or something unknown is accepted. State holds: every kind fits in a value that is left. At "
            + "a cost: some need memory beside it, which a reserved field, an operation or a capability can announce. "
            + "Needs an ABI break: version 2 breaks old programs, or there is no value and nothing to announce it "
            + "with. The cell is the worse of the two.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var first = bench.Encoding.Versions[0];
        if (first.Description.BitsPerGfn == 0)
        {
            return new(Id, bench.Name, ConcernVerdict.Holds, "no shared state of its own",
                [new("no bits per gfn, nothing to extend", $"uapi {bench.Name} --size")]);
        }

        var pairs = first.Versions.Count == 1 && first.BuildsOn is null ? []
            : VersionSkew.Decide(first, (pair, instance) => bench.Check(pair, instance));
        var header = Header(first, pairs, out var headerText, out var headerEvidence);
        var state = State(first, out var stateText, out var stateEvidence);
        return new(Id, bench.Name, Worse(header, state),
            $"header {ConcernVerdicts.Word(header)}: {headerText}; "
                + $"state per gfn {ConcernVerdicts.Word(state)}: {stateText}",
            [.. pairs.Select(Evidence), .. headerEvidence, .. stateEvidence]);
    }

    private static readonly ConcernVerdict[] s_worstFirst =
    [
        ConcernVerdict.Broken, ConcernVerdict.NotDecided, ConcernVerdict.NeedsAbiBreak, ConcernVerdict.HoldsAtACost,
        ConcernVerdict.Holds,
    ];

    private static ConcernVerdict Worse(params ConcernVerdict[] verdicts) => s_worstFirst.First(verdicts.Contains);

    private static Evidence Evidence(SkewPair pair) => new(
        $"{pair.Name}: {pair.Verdict.Words()} ({pair.Why})",
        $"check {pair.Outcome.Encoding} --instance {pair.Outcome.Instance.Name}",
        pair.Verdict == SkewVerdict.SilentlyMisbehaves ? string.Concat(pair.Outcome.Histories.Select(HistoryMail.Write))
            : "");

    /// <summary>What the posting says and KVM's half does: lint and pairs.</summary>
    private static ConcernVerdict Header(Encoding first, IReadOnlyList<SkewPair> pairs, out string text,
        out IReadOnlyList<Evidence> evidence)
    {
        var last = first.Versions[^1];
        var (firstName, lastName) = (first.Description.FullName, last.Description.FullName);
        var errors = Errors(first).Select(f => $"{f.Place}: {f.Text}").ToArray();
        var newErrors = Errors(last).Select(f => $"{f.Place}: {f.Text}").Except(errors).ToArray();
        var notable = pairs.Where(p => p.Verdict != SkewVerdict.WorksAsBefore)
            .Select(p => $"{p.Name} {p.Verdict.Words()}");
        text = string.Join(", ",
            [Invariant($"{(errors.Length == 0 ? "no" : errors.Length)} lint errors"),
                .. pairs.Count == 0 ? ["one version, no pairs"]
                    : pairs.All(p => p.Verdict == SkewVerdict.WorksAsBefore) ? ["all pairs of versions work"]
                    : notable]);
        var ofFirst = new Evidence(errors.Length == 0 ? "the lint finds no error" : string.Join("; ", errors),
            $"uapi {firstName} --check");
        evidence = lastName == firstName ? [ofFirst] :
        [
            ofFirst,
            new(newErrors.Length == 0 ? "nor does it find one in version 2 that version 1 did not have"
                : "version 2: " + string.Join("; ", newErrors), $"uapi {lastName} --check"),
        ];
        return errors.Length + newErrors.Length > 0 || pairs.Any(p => p.Verdict == SkewVerdict.SilentlyMisbehaves)
                ? ConcernVerdict.Broken
            : pairs.Any(p => p.Verdict == SkewVerdict.NotDecided) ? ConcernVerdict.NotDecided
            : ConcernVerdict.Holds;
    }

    /// <summary>What the bits per gfn leave for other kinds of fault.</summary>
    private static ConcernVerdict State(Encoding first, out string text, out IReadOnlyList<Evidence> evidence)
    {
        var description = first.Description;
        var name = description.FullName;
        var states = 1L << Math.Min(description.BitsPerGfn, 32);
        var used = description.States.Count(s => !s.StartsWith("reserved", StringComparison.OrdinalIgnoreCase));
        var beside = Beside(description);
        var fit = FutureFault.All.Where(f => f.Fits(description, used)).ToArray();
        var otherwise = beside.Length > 0 ? "takes memory beside it" : "has nowhere to go";
        text = (used < states ? $"{states - used} of {states} values left" : $"no value left of {states}")
            + Invariant($", {fit.Length} of {FutureFault.All.Count} kinds of fault to come fit")
            + (beside.Length > 0 ? "" : ", nothing beside it");
        var added = Added(first, out var addedEvidence);
        evidence =
        [
            new(Invariant($"{used} of {states} values per gfn have a meaning"), $"uapi {name} --size"),
            .. FutureFault.All.Select(f => new Evidence(
                Invariant($"{f.Name}: {f.Added(used)} more ({f.Why}): {(fit.Contains(f) ? "fits" : otherwise)}"),
                $"uapi {name} --size")),
            new(FutureFault.LargeFolios(first), $"uapi {name} --size"),
            new(beside.Length > 0 ? "another kind of fault could be announced by " + string.Join(", ", beside)
                : "no reserved field, operation or capability is left", $"uapi {name} --header"),
            .. addedEvidence,
        ];
        return Worse(added,
            fit.Length == FutureFault.All.Count ? ConcernVerdict.Holds
            : beside.Length > 0 ? ConcernVerdict.HoldsAtACost
            : ConcernVerdict.NeedsAbiBreak);
    }

    /// <summary>What version 2 costs: nothing but names, shared memory, or old programs.</summary>
    private static ConcernVerdict Added(Encoding first, out IReadOnlyList<Evidence> evidence)
    {
        var last = first.Versions[^1];
        var (firstName, lastName) = (first.Description.FullName, last.Description.FullName);
        if (firstName == lastName)
        {
            evidence = [];
            return ConcernVerdict.Holds;
        }

        var changes = UapiDiff.Compare(UapiModel.Of(first), UapiModel.Of(last));
        var breaks = changes.Any(c => c.Class == ChangeClass.Break);
        evidence =
        [
            new($"version 2 {(breaks ? "breaks old programs" : "leaves old programs as they are")}: "
                + string.Join("; ", changes.OrderByDescending(c => c.Class).Select(c => $"{c.Place}: {c.Text}")),
                    $"uapi {lastName} --diff {firstName}"),
        ];
        return breaks ? ConcernVerdict.NeedsAbiBreak
            : last.Regions.Any(r => r.Owner == RegionOwner.Shared && first.Regions.All(f => f.Name != r.Name))
                ? ConcernVerdict.HoldsAtACost
            : ConcernVerdict.Holds;
    }

    private static Finding[] Errors(Encoding encoding) =>
        [.. UapiLint.Check(encoding).Where(f => f.Severity == Severity.Error)];

    /// <summary>Where else there is room: only where what is unknown today has to be zero is it free
    /// tomorrow.</summary>
    private static string[] Beside(EncodingDescription description) =>
    [
        .. description.Structs.SelectMany(s => s.Fields.Where(f => f.MustBeZero).Select(f => $"{s.Name}.{f.Name}")),
        .. description.Capabilities.Select(c => $"another capability beside {c.Name}"),
    ];
}
