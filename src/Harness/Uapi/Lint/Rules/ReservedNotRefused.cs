namespace UapiLab.Harness.Uapi;

/// <summary>KVM does refuse what is declared to be refused: reserved fields with any bit set.</summary>
internal sealed record ReservedNotRefused() : LintRule(
    "reserved-not-refused",
    Severity.Error,
    "KVM does refuse what is declared to be refused: reserved fields with any bit set.",
    Sources.Syscalls)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        if (IoctlProbe.Of(subject) is not { } probe)
        {
            yield break;
        }

        foreach (var ioctl in subject.NewIoctls.Where(probe.CanSelect))
        {
            foreach (var (field, bit) in probe.ReservedBits(ioctl).Where(b => !probe.Refuses(ioctl, b.Bit)))
            {
                yield return ($"{ioctl.Struct}.{field}", FormattableString.Invariant($"{ioctl.Name} does not answer -EINVAL when bit {bit} of the argument is set"));
                break;
            }
        }
    }
}
