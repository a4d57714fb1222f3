namespace UapiLab.Harness.Uapi;

/// <summary>A flag has a bit of its own, within its field.</summary>
internal sealed record FlagClash() : LintRule(
    "flag-clash",
    Severity.Error,
    "A flag has a bit of its own, within its field.",
    Sources.KvmHeader)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var flag in subject.Description.Flags)
        {
            if (UpstreamNumbers.Flags.TryGetValue((flag.Field, flag.Bit), out var taken) && taken != flag.Name)
            {
                yield return (flag.Name, FormattableString.Invariant($"bit {flag.Bit} of {flag.Field} is {taken}"));
            }

            if (flag.Field == "kvm_userspace_memory_region2.flags" && flag.Bit >= UpstreamNumbers.FirstInternalMemslotBit)
            {
                yield return (flag.Name, FormattableString.Invariant($"bit {flag.Bit} of {flag.Field} is one of those KVM keeps to itself (from {UpstreamNumbers.FirstInternalMemslotBit})"));
            }

            if (subject.FieldAt(flag.Field) is not { } field)
            {
                yield return (flag.Name, $"there is no field {flag.Field}");
            }
            else if (CScalar.Measure(field.Type, Abi.I386) is { } scalar && flag.Bit >= scalar.Size * 8)
            {
                yield return (flag.Name, FormattableString.Invariant($"bit {flag.Bit} does not fit {flag.Field}, which has {scalar.Size * 8}"));
            }
        }

        foreach (var same in subject.Description.Flags.GroupBy(f => (f.Field, f.Bit)).Where(g => g.Count() > 1))
        {
            yield return (same.First().Name, FormattableString.Invariant($"bit {same.Key.Bit} of {same.Key.Field} is also {string.Join(", ", same.Skip(1).Select(f => f.Name))}"));
        }
    }
}
