using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>A command that KVM does not know fails with ENOTTY.</summary>
internal sealed record UnknownIoctl() : LintRule(
    "unknown-ioctl",
    Severity.Error,
    "A command that KVM does not know fails with ENOTTY.",
    Sources.Ioctl)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        if (IoctlProbe.Of(subject) is { } probe && probe.Call(0xff, default) is var result && result != Errno.NotTty.Negated())
        {
            yield return ("ioctl 0xff", FormattableString.Invariant($"the KVM half answers {result}, expected -ENOTTY"));
        }
    }
}
