using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>State that KVM keeps for the guest can be saved and restored.</summary>
internal sealed record LostOnRestore() : LintRule(
    "lost-on-restore",
    Severity.Error,
    "State that KVM keeps for the guest can be saved and restored.",
    Sources.KvmReview)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from region in subject.Model.Regions
        where region.Owner == RegionOwner.KvmPrivate && region.Restore.Length == 0
        select (region.Name, "state of KVM, and nothing says how it comes back after a restore");
}
