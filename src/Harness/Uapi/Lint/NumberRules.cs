using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;
using static UapiLab.Harness.Uapi.Lint.LintRule;
using Problems = System.Collections.Generic.IEnumerable<(string Place, string Text)>;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Rules about numbers that are given away once.</summary>
internal static class NumberRules
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new("operation-clash", Severity.Error,
            "Operations of an ioctl have different values.",
            Sources.C, OperationClash),
        new("flag-clash", Severity.Error,
            "A flag has a bit of its own, within its field.",
            Sources.KvmHeader, FlagClash),
        new("capability-clash", Severity.Warning,
            "A capability has a number that mainline has not given away.",
            Sources.KvmHeader, CapabilityClash),
        new("capability-placeholder", Severity.Error,
            "Only what was never posted has a number that is to be assigned, each capability another.",
            Sources.KvmHeader, CapabilityPlaceholder),
        new("capability-unnumbered", Severity.Note,
            "A capability has a number.",
            Sources.KvmHeader, CapabilityUnnumbered),
        new("ioctl-clash", Severity.Error,
            "An ioctl has a number that mainline has not given away.",
            Sources.KvmHeader, IoctlClash),
        new("ioctl-direction", Severity.Error,
            "_IO, _IOR, _IOW or _IOWR says who writes the argument.",
            Sources.Ioctl, IoctlDirection),
        new("ioctl-size", Severity.Error,
            "The argument of an ioctl is at most 8191 bytes: some architectures have 13 bits for its size.",
            Sources.Ioctl, IoctlSize),
    ];

    private static Problems OperationClash(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        from same in ioctl.Operations.GroupBy(o => o.Value)
        where same.Count() > 1
        select At(ioctl.Name, $"{string.Join(" and ", same.Select(o => o.Name))} are both {same.Key}");

    private static Problems FlagClash(LintSubject subject)
    {
        foreach (var flag in subject.Description.Flags)
        {
            if (UpstreamNumbers.Flags.TryGetValue((flag.Field, flag.Bit), out var taken) && taken != flag.Name)
            {
                yield return At(flag.Name, $"bit {flag.Bit} of {flag.Field} is {taken}");
            }

            const int Internal = UpstreamNumbers.FirstInternalMemslotBit;
            if (flag.Field == "kvm_userspace_memory_region2.flags" && flag.Bit >= Internal)
            {
                yield return At(flag.Name,
                    $"bit {flag.Bit} of {flag.Field} is one of those KVM keeps to itself (from {Internal})");
            }

            if (subject.FieldAt(flag.Field) is not { } field)
            {
                yield return (flag.Name, $"there is no field {flag.Field}");
            }
            else if (CScalar.Measure(field.Type, Abi.I386) is { } scalar && flag.Bit >= scalar.Size * 8)
            {
                yield return At(flag.Name, $"bit {flag.Bit} does not fit {flag.Field}, which has {scalar.Size * 8}");
            }
        }

        foreach (var same in subject.Description.Flags.GroupBy(f => (f.Field, f.Bit)).Where(g => g.Count() > 1))
        {
            var others = string.Join(", ", same.Skip(1).Select(f => f.Name));
            yield return At(same.First().Name, $"bit {same.Key.Bit} of {same.Key.Field} is also {others}");
        }
    }

    private static Problems CapabilityClash(LintSubject subject) =>
        from capability in subject.Description.Capabilities
        where capability.Number is > 0 and <= UpstreamNumbers.LastCapability
        let holder = UpstreamNumbers.LateCapabilities.GetValueOrDefault(capability.Number, "another capability")
        where holder != capability.Name
        let answer = "KVM_CHECK_EXTENSION answers for whichever the kernel was built with"
        select At(capability.Name, $"{capability.Number} is {holder} in mainline: {answer}");

    private static Problems CapabilityPlaceholder(LintSubject subject)
    {
        var placeholders = subject.Description.Capabilities.Where(c => c.IsPlaceholder).ToArray();
        foreach (var capability in placeholders)
        {
            if ((subject.Description.Traits & EncodingTraits.NeverPosted) == 0)
            {
                yield return At(capability.Name,
                    $"0x{capability.Number:x} stands for a number to be assigned, and what was posted has one");
            }

            if (placeholders.FirstOrDefault(c => c.Number == capability.Number) is var first && first != capability)
            {
                yield return At(capability.Name, $"0x{capability.Number:x} stands for {first!.Name} already");
            }
        }
    }

    private static Problems CapabilityUnnumbered(LintSubject subject) =>
        from capability in subject.Description.Capabilities
        where capability.Number <= 0
        select (capability.Name, "has no number yet: the header cannot define it");

    private static Problems IoctlClash(LintSubject subject)
    {
        foreach (var ioctl in subject.NewIoctls)
        {
            if (UpstreamIoctls.Holder(ioctl.Number) is { } holder)
            {
                yield return At(ioctl.Name, $"0x{ioctl.Number:x2} is {holder}");
            }

            if (ioctl.Number > 0xff)
            {
                yield return At(ioctl.Name, $"0x{ioctl.Number:x} does not fit the 8 bits of a command number");
            }
        }

        foreach (var same in subject.Description.Ioctls.GroupBy(i => i.Number).Where(g => g.Count() > 1))
        {
            yield return At(same.First().Name,
                $"0x{same.Key:x2} is also {string.Join(", ", same.Skip(1).Select(i => i.Name))}");
        }
    }

    private static Problems IoctlDirection(LintSubject subject)
    {
        foreach (var ioctl in subject.NewIoctls)
        {
            if (ioctl.Direction is not ("" or "W" or "R" or "WR"))
            {
                yield return (ioctl.Name, $"its direction is '{ioctl.Direction}', expected W, R, WR or nothing");
            }
            else if (ioctl.Direction.Length == 0 != (ioctl.Struct.Length == 0))
            {
                yield return (ioctl.Name, ioctl.Struct.Length == 0
                    ? "has a direction and no structure"
                    : $"takes struct {ioctl.Struct} and has no direction");
            }
            else if (ioctl.Struct.Length > 0 && subject.Model.Find(ioctl.Struct) is not { })
            {
                yield return (ioctl.Name, $"takes struct {ioctl.Struct}, which is not described");
            }
            else if (subject.Model.Find(ioctl.Struct) is { } structure
                && Expected(structure) is var expected && expected != ioctl.Direction)
            {
                yield return (ioctl.Name, $"is _IO{ioctl.Direction}, and its fields make it _IO{expected}");
            }
        }
    }

    // W: userspace writes, KVM reads.
    private static string Expected(StructSpec structure)
    {
        var leaves = LintSubject.Flatten(structure.Fields).Where(f => f.Members.Count == 0).ToArray();
        return (leaves.Any(f => !f.FilledByKvm) ? "W" : "") + (leaves.Any(f => f.FilledByKvm) ? "R" : "");
    }

    private static Problems IoctlSize(LintSubject subject) =>
        from ioctl in subject.NewIoctls
        let structure = subject.Model.Find(ioctl.Struct)
        where structure is { Size: > 8191 }
        select At(ioctl.Name, $"struct {ioctl.Struct} has {structure.Size} bytes, expected at most 8191");
}
