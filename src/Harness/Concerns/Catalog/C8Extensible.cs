using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Concerns;

/// <summary>C8.</summary>
internal sealed class C8Extensible : Concern
{
    public override string Id => "C8";
    public override string Title => "extensible, not a pain to maintain";
    public override string Question => "Where could another kind of fault be said: is there a state, a flag or an operation left, and is what is unknown today refused today?";
    public override string Source => "Re: [RFC PATCH 0/6] KVM: x86: async PF user, 2024-11 to 2025-02: what a single bit for all userfaults means for the future";
    public override string Method => "From the description and by calling the KVM half with unknown bits (the uAPI lint). Needs an ABI break: no spare per-frame state. Broken: a spare state exists, and unknown values of an ioctl are accepted. "
        + "The four pairs of old and new VMM and KVM are not explored.";

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
        var verdict = used >= states ? ConcernVerdict.NeedsAbiBreak : errors.Length > 0 ? ConcernVerdict.Broken : ConcernVerdict.Holds;
        return new(Id, bench.Name, verdict, used >= states ? $"no state left of {states}" : errors.Length > 0 ? $"{errors.Length} lint errors" : $"{states - used} of {states} states left",
        [
            new(FormattableString.Invariant($"{used} of {states} values per frame have a meaning"), $"uapi {bench.Name} --size"),
            new(errors.Length == 0 ? "the lint finds no error" : string.Join("; ", errors.Select(f => $"{f.Place}: {f.Text}")), $"uapi {bench.Name} --check"),
        ]);
    }
}
