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
        "Version 2 of the encoding tracks writes. Each pair of old and new VMM and KVM is explored on `skew`, after "
            + "the negotiation its VMM does, and so is a VMM that knows only what the encoding builds on "
            + "(docs/version-skew.md); the description and the KVM half, called with unknown bits, "
        + "are held against the rules of uAPI design; and version 2 is compared with version 1. Holds: no pair "
            + "misbehaves, and version 2 adds no memory that is shared. At a cost: it does, because no value is left. "
            + "Broken: a pair silently misbehaves, or something unknown is accepted. "
        + "Needs an ABI break: version 2 breaks old programs; or there is none, no value is left, and nothing "
            + "reserved, no operation and no capability to hang it on.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var first = bench.Encoding.Versions[0];
        var description = first.Description;
        if (description.BitsPerGfn == 0)
        {
            return new(Id, bench.Name, ConcernVerdict.Holds, "no shared state of its own",
                [new("no bits per frame, nothing to extend", $"uapi {bench.Name} --size")]);
        }

        var layout = Layout(first, out var left, out var layoutEvidence);
        if (first.Versions.Count == 1 && first.BuildsOn is null)
        {
            return new(Id, bench.Name, layout, $"{left}; one version, no pairs", layoutEvidence);
        }

        var pairs = VersionSkew.Decide(first, (pair, instance) => bench.Check(pair, instance));
        var added = Added(first, out var addedEvidence);
        var verdict = layout == ConcernVerdict.Broken || pairs.Any(p => p.Verdict == SkewVerdict.SilentlyMisbehaves)
            ? ConcernVerdict.Broken
            : pairs.Any(p => p.Verdict == SkewVerdict.NotDecided) ? ConcernVerdict.NotDecided
            : added;
        return new(Id, bench.Name, verdict, $"{Worst(pairs)}; {left}",
            [.. pairs.Select(Evidence), .. addedEvidence, .. layoutEvidence]);
    }

    private static Evidence Evidence(SkewPair pair) => new(
        $"{pair.Name}: {pair.Verdict.Words()} ({pair.Why})",
        $"check {pair.Outcome.Encoding} --instance {pair.Outcome.Instance.Name}",
        pair.Verdict == SkewVerdict.SilentlyMisbehaves ? string.Concat(pair.Outcome.Histories.Select(HistoryMail.Write))
            : "");

    /// <summary>The pairs in a few words: those of which something is to be said.</summary>
    private static string Worst(IReadOnlyList<SkewPair> pairs)
    {
        var notable = pairs.Where(p => p.Verdict != SkewVerdict.WorksAsBefore)
            .Select(p => $"{p.Name} {p.Verdict.Words()}").ToArray();
        return notable.Length == 0 ? "all pairs of versions work" : string.Join(", ", notable);
    }

    /// <summary>What version 2 costs: nothing but names, shared memory, or old programs.</summary>
    private static ConcernVerdict Added(Encoding encoding, out IReadOnlyList<Evidence> evidence)
    {
        var (first, last) = (encoding.Versions[0], encoding.Versions[^1]);
        var (firstName, lastName) = (first.Description.FullName, last.Description.FullName);
        var changes = UapiDiff.Compare(UapiModel.Of(first), UapiModel.Of(last));
        var breaks = changes.Where(c => c.Class == ChangeClass.Break).ToArray();
        var shared = last.Regions.Where(r => r.Owner == RegionOwner.Shared && first.Regions.All(f => f.Name != r.Name))
            .Select(r => r.Name).ToArray();
        var newErrors = Errors(last).Select(f => $"{f.Place}: {f.Text}")
            .Except(Errors(first).Select(f => $"{f.Place}: {f.Text}")).ToArray();
        evidence =
        [
            new($"version 2 {(breaks.Length > 0 ? "breaks old programs" : "leaves old programs as they are")}: "
                + string.Join("; ", changes.OrderByDescending(c => c.Class).Select(c => $"{c.Place}: {c.Text}")),
                    $"uapi {lastName} --diff {firstName}"),
            new(newErrors.Length == 0 ? "the lint finds no error in it that version 1 did not have"
                : string.Join("; ", newErrors), $"uapi {lastName} --check"),
        ];
        return newErrors.Length > 0 ? ConcernVerdict.Broken
            : breaks.Length > 0 ? ConcernVerdict.NeedsAbiBreak
            : shared.Length > 0 ? ConcernVerdict.HoldsAtACost
            : ConcernVerdict.Holds;
    }

    /// <summary>What the description alone says of the room there is.</summary>
    private static ConcernVerdict Layout(Encoding first, out string left, out IReadOnlyList<Evidence> evidence)
    {
        var description = first.Description;
        var states = 1L << Math.Min(description.BitsPerGfn, 32);
        var used = description.States.Count(s => !s.StartsWith("reserved", StringComparison.OrdinalIgnoreCase));
        var errors = Errors(first);
        var beside = Beside(description);
        var room = used < states ? $"{states - used} of {states} states left" : beside.Length > 0
            ? $"no state left of {states}" : $"no state left of {states}, and nothing beside them";
        left = errors.Length > 0 ? $"{errors.Length} lint errors; {room}" : room;
        evidence =
        [
            new(Invariant($"{used} of {states} values per frame have a meaning"),
                $"uapi {description.FullName} --size"),
            new(beside.Length > 0 ? "another kind of fault could be said by " + string.Join(", ", beside)
                : "no reserved field, operation or capability is left", $"uapi {description.FullName} --header"),
            new(errors.Length == 0 ? "the lint finds no error"
                : string.Join("; ", errors.Select(f => $"{f.Place}: {f.Text}")),
                $"uapi {description.FullName} --check"),
        ];
        return errors.Length > 0 ? ConcernVerdict.Broken
            : used < states ? ConcernVerdict.Holds
            : beside.Length > 0 ? ConcernVerdict.HoldsAtACost
            : ConcernVerdict.NeedsAbiBreak;
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
