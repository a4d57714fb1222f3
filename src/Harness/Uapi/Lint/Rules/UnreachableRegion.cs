using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi;

/// <summary>Shared memory is named by a field of some structure.</summary>
internal sealed record UnreachableRegion() : LintRule(
    "unreachable-region",
    Severity.Error,
    "Shared memory is named by a field of some structure.",
    Sources.KvmReview)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from region in subject.Model.Regions
        where region.Owner == RegionOwner.Shared
        let named = region.Name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
        where !subject.Description.Structs.SelectMany(s => LintSubject.Flatten(s.Fields))
            .Any(f => f.Name == region.Name || f.Region == region.Name || (f.Name == named && f.Elements > 1))
        select (region.Name, "shared, and no field points to it or holds it");
}
