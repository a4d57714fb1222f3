namespace UapiLab.Harness.Uapi;

/// <summary>A capability has a number that mainline has not given away.</summary>
internal sealed record CapabilityClash() : LintRule(
    "capability-clash",
    Severity.Warning,
    "A capability has a number that mainline has not given away.",
    Sources.KvmHeader)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from capability in subject.Description.Capabilities
        where capability.Number is > 0 and <= UpstreamNumbers.LastCapability
        let holder = UpstreamNumbers.LateCapabilities.GetValueOrDefault(capability.Number, "another capability")
        where holder != capability.Name
        select (capability.Name, FormattableString.Invariant($"{capability.Number} is {holder} in mainline: KVM_CHECK_EXTENSION answers for whichever the kernel was built with"));
}
