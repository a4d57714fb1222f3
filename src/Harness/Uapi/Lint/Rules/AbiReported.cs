namespace UapiLab.Harness.Uapi;

/// <summary>Structures of linux/kvm.h do not change in ways that check-uapi refuses, even where nothing breaks.</summary>
internal sealed record AbiReported() : LintRule(
    "abi-reported",
    Severity.Error,
    "Structures of linux/kvm.h do not change in ways that check-uapi refuses, even where nothing breaks.",
    Sources.CheckUapi)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from change in UapiDiff.Structs(UapiModel.Upstream, subject.Model)
        where change.Class == ChangeClass.Reported
        select (change.Place, $"{change.Text}: {change.Why}");
}
