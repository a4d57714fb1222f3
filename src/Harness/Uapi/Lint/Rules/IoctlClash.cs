namespace UapiLab.Harness.Uapi;

/// <summary>An ioctl has a number that mainline has not given away.</summary>
internal sealed record IoctlClash() : LintRule(
    "ioctl-clash",
    Severity.Error,
    "An ioctl has a number that mainline has not given away.",
    Sources.KvmHeader)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        foreach (var ioctl in subject.NewIoctls)
        {
            if (UpstreamIoctls.Holder(ioctl.Number) is { } holder)
            {
                yield return (ioctl.Name, FormattableString.Invariant($"0x{ioctl.Number:x2} is {holder}"));
            }

            if (ioctl.Number > 0xff)
            {
                yield return (ioctl.Name, FormattableString.Invariant($"0x{ioctl.Number:x} does not fit the 8 bits of a command number"));
            }
        }

        foreach (var same in subject.Description.Ioctls.GroupBy(i => i.Number).Where(g => g.Count() > 1))
        {
            yield return (same.First().Name, FormattableString.Invariant($"0x{same.Key:x2} is also {string.Join(", ", same.Skip(1).Select(i => i.Name))}"));
        }
    }
}
