namespace UapiLab.Harness.Uapi;

/// <summary>Structures of linux/kvm.h do not grow at their end; check-uapi lets it pass only with -i.</summary>
internal sealed record AbiGrowth() : LintRule(
    "abi-growth",
    Severity.Warning,
    "Structures of linux/kvm.h do not grow at their end; check-uapi lets it pass only with -i.",
    Sources.CheckUapi)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from change in UapiDiff.Structs(UapiModel.Upstream, subject.Model)
        where change.Class == ChangeClass.Growth
        select (change.Place, $"{change.Text}: {change.Why}");
}
