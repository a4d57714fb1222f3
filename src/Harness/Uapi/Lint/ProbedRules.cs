using UapiLab.Abstractions;
using static UapiLab.Harness.Uapi.Lint.LintRule;
using Problems = System.Collections.Generic.IEnumerable<(string Place, string Text)>;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Rules that are tried on the KVM half: what a description promises is worth what the code does.</summary>
internal static class ProbedRules
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new("unknown-ioctl", Severity.Error,
            "A command that KVM does not know fails as on KVM's own file descriptors: with EINVAL on a vCPU and on "
                + "/dev/kvm, with ENOTTY on a VM.",
            Sources.KvmIoctls, UnknownIoctl),
        new("reserved-not-refused", Severity.Error,
            "KVM does refuse what is declared to be refused: reserved fields with any bit set.",
            Sources.Syscalls, ReservedNotRefused),
        new("operation-not-refused", Severity.Error,
            "KVM does refuse operations that there are not, 0 among them.",
            Sources.AsyncPf2026, OperationNotRefused),
    ];

    private static Problems UnknownIoctl(LintSubject subject)
    {
        var expected = Errnos.OfUnknown(subject.NewIoctls.Any()
            && subject.NewIoctls.All(i => i.Target == IoctlTarget.Vm)
            ? IoctlTarget.Vm : IoctlTarget.Vcpu);
        if (IoctlProbe.Of(subject) is not { } probe)
        {
            yield break;
        }

        foreach (var result in probe.AnswersTo(0xff, subject.NewIoctls).Where(r => r != expected.Negated()).Take(1))
        {
            yield return At("ioctl 0xff", $"the KVM half answers {result}, expected -{Errnos.Name(expected)}");
        }
    }

    private static Problems ReservedNotRefused(LintSubject subject)
    {
        if (IoctlProbe.Of(subject) is not { } probe)
        {
            yield break;
        }

        foreach (var ioctl in subject.NewIoctls.Where(probe.CanSelect))
        {
            foreach (var (field, bit) in probe.ReservedBits(ioctl).Where(b => !probe.Refuses(ioctl, b.Bit)))
            {
                yield return At($"{ioctl.Struct}.{field}",
                    $"{ioctl.Name} does not answer -EINVAL when bit {bit} of the argument is set");
                break;
            }
        }
    }

    private static Problems OperationNotRefused(LintSubject subject)
    {
        if (IoctlProbe.Of(subject) is not { } probe)
        {
            yield break;
        }

        foreach (var ioctl in subject.NewIoctls.Where(i => i.Operations.Count > 0 && probe.CanSelect(i)))
        {
            uint[] strangers = [0, ioctl.Operations.Max(o => o.Value) + 1, uint.MaxValue];
            foreach (var stranger in strangers
                .Where(s => ioctl.Operations.All(o => o.Value != s) && !probe.RefusesOperation(ioctl, s)))
            {
                yield return At(ioctl.Name, $"does not answer -EINVAL to operation {stranger}");
            }
        }
    }
}
