namespace UapiLab.Harness.Uapi;

/// <summary>KVM does refuse operations that there are not, 0 among them.</summary>
internal sealed record OperationNotRefused() : LintRule(
    "operation-not-refused",
    Severity.Error,
    "KVM does refuse operations that there are not, 0 among them.",
    Sources.AsyncPf2026)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        if (IoctlProbe.Of(subject) is not { } probe)
        {
            yield break;
        }

        foreach (var ioctl in subject.NewIoctls.Where(i => i.Operations.Count > 0 && probe.CanSelect(i)))
        {
            uint[] strangers = [0, ioctl.Operations.Max(o => o.Value) + 1, uint.MaxValue];
            foreach (var stranger in strangers.Where(s => ioctl.Operations.All(o => o.Value != s) && !probe.RefusesOperation(ioctl, s)))
            {
                yield return (ioctl.Name, FormattableString.Invariant($"does not answer -EINVAL to operation {stranger}"));
            }
        }
    }
}
