namespace UapiLab.Harness.Uapi;

/// <summary>The argument of an ioctl has flags or checked reserved fields, so that it can be extended.</summary>
internal sealed record NoRoomToGrow() : LintRule(
    "no-room-to-grow",
    Severity.Error,
    "The argument of an ioctl has flags or checked reserved fields, so that it can be extended.",
    Sources.Syscalls)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from structure in subject.NewStructs
        where subject.NewIoctlsOf(structure).Any()
        where !LintSubject.Flatten(structure.Fields).Any(f => f.MustBeZero || f.Name == "flags")
        select (structure.Name, "neither flags nor reserved fields: it cannot be extended without another ioctl");
}
