namespace UapiLab.Harness.Uapi;

/// <summary>A capability has a number.</summary>
internal sealed record CapabilityUnnumbered() : LintRule(
    "capability-unnumbered",
    Severity.Note,
    "A capability has a number.",
    Sources.KvmHeader)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from capability in subject.Description.Capabilities
        where capability.Number <= 0
        select (capability.Name, "has no number yet: the header cannot define it");
}
