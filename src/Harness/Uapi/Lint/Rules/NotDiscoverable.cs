namespace UapiLab.Harness.Uapi;

/// <summary>KVM_CHECK_EXTENSION says whether KVM has it.</summary>
internal sealed record NotDiscoverable() : LintRule(
    "not-discoverable",
    Severity.Error,
    "KVM_CHECK_EXTENSION says whether KVM has it.",
    Sources.KvmReview)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        var capabilities = subject.Description.Capabilities.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var ioctl in subject.NewIoctls.Where(i => !capabilities.Contains(i.Capability)))
        {
            yield return (ioctl.Name, "no capability announces it");
        }

        foreach (var flag in subject.Description.Flags.Where(f => !capabilities.Contains(f.Capability)))
        {
            yield return (flag.Name, "no capability announces it");
        }
    }
}
