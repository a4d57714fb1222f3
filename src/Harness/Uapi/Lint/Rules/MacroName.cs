namespace UapiLab.Harness.Uapi;

/// <summary>Macros and structures are named KVM_… and kvm_…, each once.</summary>
internal sealed record MacroName() : LintRule(
    "macro-name",
    Severity.Error,
    "Macros and structures are named KVM_… and kvm_…, each once.",
    Sources.KvmHeader)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
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

        foreach (var name in macros.Concat(description.Structs.Select(s => s.Name)).GroupBy(n => n).Where(g => g.Count() > 1))
        {
            yield return (name.Key, "named twice");
        }
    }

    private static bool IsName(string name, string prefix, Func<char, bool> isLetter) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length
        && name.All(c => isLetter(c) || char.IsAsciiDigit(c) || c == '_');
}
