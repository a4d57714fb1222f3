using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Layout;
using Problems = System.Collections.Generic.IEnumerable<(string Place, string Text)>;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Rules about discovering, switching on, restoring, documenting and changing it.</summary>
internal static class LifecycleRules
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new("not-discoverable", Severity.Error,
            "KVM_CHECK_EXTENSION says whether KVM has it.",
            Sources.KvmReview, NotDiscoverable),
        new("not-default-off", Severity.Error,
            "Nothing changes for userspace that did not ask: new behaviour is off until it is switched on.",
            Sources.KvmReview, NotDefaultOff),
        new("lost-on-restore", Severity.Error,
            "State that KVM keeps for the guest can be saved and restored.",
            Sources.KvmReview, LostOnRestore),
        new("unreachable-region", Severity.Error,
            "Shared memory is named by a field of some structure.",
            Sources.KvmReview, UnreachableRegion),
        new("undocumented", Severity.Warning,
            "Everything new is documented.",
            Sources.KvmReview, Undocumented),
        new("macro-name", Severity.Error,
            "Macros and structures are named KVM_… and kvm_…, each once.",
            Sources.KvmHeader, MacroName),
        new("contested-value", Severity.Note,
            "A value is not one that another posted or carried series uses for something else.",
            Sources.Posted, ContestedValue),
        new("abi-break", Severity.Error,
            "Structures of linux/kvm.h keep their ABI.",
            Sources.CheckUapi, Changes(ChangeClass.Break)),
        new("abi-reported", Severity.Error,
            "Structures of linux/kvm.h do not change in ways that check-uapi refuses, even where nothing breaks.",
            Sources.CheckUapi, Changes(ChangeClass.Reported)),
        new("abi-growth", Severity.Warning,
            "Structures of linux/kvm.h do not grow at their end; check-uapi lets it pass only with -i.",
            Sources.CheckUapi, Changes(ChangeClass.Growth)),
    ];

    private static Problems NotDiscoverable(LintSubject subject)
    {
        var capabilities = subject.Description.Capabilities.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var under = subject.Encoding?.BuildsOn?.Description;
        IEnumerable<(string Name, string Capability, bool IsUnder)> announced =
        [
            .. subject.NewIoctls.Select(i => (i.Name, i.Capability, under?.Ioctls.Any(u => u.Name == i.Name) == true)),
            .. subject.Description.Flags.Select(f =>
                (f.Name, f.Capability, under?.Flags.Any(u => u.Name == f.Name) == true)),
        ];
        foreach (var (name, capability, isUnder) in announced)
        {
            if (!capabilities.Contains(capability))
            {
                yield return (name, "no capability announces it");
            }
            else if (!isUnder && under?.Capabilities.Any(c => c.Name == capability) == true)
            {
                yield return (name, $"{capability} announces it, which a KVM without it has as well");
            }
        }
    }

    private static Problems NotDefaultOff(LintSubject subject)
    {
        var asked = subject.Description.Capabilities.Where(c => c.Enable != "informational").Select(c => c.Name)
            .Concat(subject.Description.Flags
                .Where(f => subject.FieldAt(f.Field)?.FilledByKvm != true)
                .Select(f => f.Name))
            .ToHashSet(StringComparer.Ordinal);
        return from flag in subject.Description.Flags
               where subject.FieldAt(flag.Field)?.FilledByKvm == true && !asked.Contains(flag.OptIn)
               select (flag.Name,
                   "userspace can meet it without having asked: one that does not know it loses what it means");
    }

    private static Problems LostOnRestore(LintSubject subject) =>
        from region in subject.Model.Regions
        where region.Owner == RegionOwner.KvmPrivate && region.Restore.Length == 0
        select (region.Name, "state of KVM, and nothing says how it comes back after a restore");

    private static Problems UnreachableRegion(LintSubject subject) =>
        from region in subject.Model.Regions
        where region.Owner == RegionOwner.Shared
        let named = region.Name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
        where !subject.Description.Structs.SelectMany(s => LintSubject.Flatten(s.Fields))
            .Any(f => f.Name == region.Name || f.Region == region.Name || (f.Name == named && f.Elements > 1))
        select (region.Name, "shared, and no field points to it or holds it");

    private static Problems Undocumented(LintSubject subject)
    {
        var description = subject.Description;
        return from item in description.Capabilities.Select(c => (c.Name, c.Doc))
                   .Concat(description.Flags.Select(f => (f.Name, f.Doc)))
                   .Concat(description.Ioctls.Select(i => (i.Name, i.Doc)))
                   .Concat(description.Ioctls.SelectMany(i => i.Operations).Select(o => (o.Name, o.Doc)))
                   .Concat(description.Constants.Select(c => (c.Name, c.Doc)))
                   .Concat(subject.NewStructs.Select(s => (s.Name, s.Doc)))
                   .Concat(from entry in subject.NewFields(Abi.X8664)
                           let field = entry.Field.Field
                           where !field.MustBeZero && !PaddingNames.Match(field.Name) && entry.Field.IsNamed
                           select ($"{entry.Struct.Name}.{entry.Field.Path}", field.Doc))
               where string.IsNullOrWhiteSpace(item.Item2)
               select (item.Item1, "says nothing of what it means");
    }

    private static Problems MacroName(LintSubject subject)
    {
        var description = subject.Description;
        string[] macros =
        [
            .. description.Capabilities.Select(c => c.Name),
            .. description.Flags.Select(f => f.Name),
            .. description.Ioctls.Select(i => i.Name),
            .. description.Ioctls.SelectMany(i => i.Operations).Select(o => o.Name).Distinct(),
            .. description.Constants.Select(c => c.Name),
        ];
        foreach (var name in macros.Where(n => !IsName(n, "KVM_", char.IsAsciiLetterUpper)))
        {
            yield return (name, "expected KVM_ and then capitals, digits and underscores");
        }

        foreach (var structure in description.Structs.Where(s => !IsName(s.Name, "kvm_", char.IsAsciiLetterLower)))
        {
            yield return (structure.Name, "expected kvm_ and then small letters, digits and underscores");
        }

        var names = macros.Concat(description.Structs.Select(s => s.Name));
        foreach (var name in names.GroupBy(n => n).Where(g => g.Count() > 1))
        {
            yield return (name.Key, "named twice");
        }
    }

    private static bool IsName(string name, string prefix, Func<char, bool> isLetter) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length
        && name.All(c => isLetter(c) || char.IsAsciiDigit(c) || c == '_');

    private static Problems ContestedValue(LintSubject subject)
    {
        var description = subject.Description;
        return from value in description.Flags.Select(f => (f.Name, Place: f.Field, Value: f.Bit))
                   .Concat(description.Capabilities.Select(c => (c.Name, Place: "capability", Value: c.Number)))
                   .Concat(subject.NewIoctls.Select(i => (i.Name, Place: "ioctl", Value: (int)i.Number)))
               from other in OutOfTree.Others(value.Place, value.Value, value.Name)
               select (value.Name, value.Place == "ioctl"
                   ? Invariant($"0x{value.Value:x2} is {other.Name} in {other.Series}")
                   : value.Place == "capability"
                       ? Invariant($"{value.Value} is {other.Name} in {other.Series}")
                       : Invariant($"bit {value.Value} is {other.Name} in {other.Series}"));
    }

    private static Func<LintSubject, Problems> Changes(ChangeClass kind) => subject =>
        from change in UapiDiff.Structs(UapiModel.Upstream, subject.Model)
        where change.Class == kind
        select (change.Place, $"{change.Text}: {change.Why}");
}
