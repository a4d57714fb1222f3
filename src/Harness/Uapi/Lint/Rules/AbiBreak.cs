namespace UapiLab.Harness.Uapi;

/// <summary>Structures of linux/kvm.h keep their ABI.</summary>
internal sealed record AbiBreak() : LintRule(
    "abi-break",
    Severity.Error,
    "Structures of linux/kvm.h keep their ABI.",
    Sources.CheckUapi)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from change in UapiDiff.Structs(UapiModel.Upstream, subject.Model)
        where change.Class == ChangeClass.Break
        select (change.Place, $"{change.Text}: {change.Why}");
}
