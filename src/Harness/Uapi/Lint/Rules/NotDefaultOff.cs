namespace UapiLab.Harness.Uapi;

/// <summary>Nothing changes for userspace that did not ask: new behaviour is off until it is switched on.</summary>
internal sealed record NotDefaultOff() : LintRule(
    "not-default-off",
    Severity.Error,
    "Nothing changes for userspace that did not ask: new behaviour is off until it is switched on.",
    Sources.KvmReview)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        var asked = subject.Description.Capabilities.Where(c => c.Enable != "informational").Select(c => c.Name)
            .Concat(subject.Description.Flags.Where(f => subject.FieldAt(f.Field)?.FilledByKvm != true).Select(f => f.Name))
            .ToHashSet(StringComparer.Ordinal);
        return from flag in subject.Description.Flags
               where subject.FieldAt(flag.Field)?.FilledByKvm == true && !asked.Contains(flag.OptIn)
               select (flag.Name, "userspace can meet it without having asked: one that does not know it loses what it means");
    }
}
