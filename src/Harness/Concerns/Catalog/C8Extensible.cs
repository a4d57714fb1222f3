using UapiLab.Abstractions;
using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Concerns;

/// <summary>C8.</summary>
internal sealed class C8Extensible : Concern
{
    public override string Id => "C8";
    public override string Title => "extensible, not a pain to maintain";
    public override string Question => "Where could another kind of fault be said: is there a state, a flag or an operation left, and is what is unknown today refused today?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02: what a single bit for all userfaults means for the future";
    public override string Method => "From the description and by calling the KVM half with unknown bits (the uAPI lint). Holds: a value of the per-frame state is left, and the lint finds no error. "
        + "At a cost: no value is left, so that another kind of fault needs a flag, a reserved field or an operation beside it. Broken: something unknown is accepted. "
        + "Needs an ABI break: no value left and nothing reserved, no operation and no capability to hang it on. The four pairs of old and new VMM and KVM are not explored.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var description = bench.Encoding.Description;
        if (description.BitsPerGfn == 0)
        {
            return new(Id, bench.Name, ConcernVerdict.Holds, "no shared state of its own", [new("no bits per frame, nothing to extend", $"uapi {bench.Name} --size")]);
        }

        var states = 1L << Math.Min(description.BitsPerGfn, 32);
        var used = description.States.Count(s => !s.StartsWith("reserved", StringComparison.OrdinalIgnoreCase));
        var errors = UapiLint.Check(bench.Encoding).Where(f => f.Severity == Severity.Error).ToArray();
        var beside = Beside(description);
        var verdict = errors.Length > 0 ? ConcernVerdict.Broken
            : used < states ? ConcernVerdict.Holds
            : beside.Length > 0 ? ConcernVerdict.HoldsAtACost
            : ConcernVerdict.NeedsAbiBreak;
        var left = used < states ? $"{states - used} of {states} states left" : beside.Length > 0 ? $"no state left of {states}" : $"no state left of {states}, and nothing beside them";
        return new(Id, bench.Name, verdict, errors.Length > 0 ? $"{errors.Length} lint errors; {left}" : left,
        [
            new(FormattableString.Invariant($"{used} of {states} values per frame have a meaning"), $"uapi {bench.Name} --size"),
            new(beside.Length > 0 ? "another kind of fault could be said by " + string.Join(", ", beside) : "no reserved field, operation or capability is left", $"uapi {bench.Name} --header"),
            new(errors.Length == 0 ? "the lint finds no error" : string.Join("; ", errors.Select(f => $"{f.Place}: {f.Text}")), $"uapi {bench.Name} --check"),
        ]);
    }

    /// <summary>Where else there is room: only where what is unknown today has to be zero is it free tomorrow.</summary>
    private static string[] Beside(EncodingDescription description) =>
    [
        .. description.Structs.SelectMany(s => s.Fields.Where(f => f.MustBeZero).Select(f => $"{s.Name}.{f.Name}")),
        .. description.Capabilities.Select(c => $"another capability beside {c.Name}"),
    ];
}
