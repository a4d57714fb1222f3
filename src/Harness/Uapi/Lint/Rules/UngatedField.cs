namespace UapiLab.Harness.Uapi;

/// <summary>A field that took the place of padding counts only with a flag or capability: nobody zeroed the padding before.</summary>
internal sealed record UngatedField() : LintRule(
    "ungated-field",
    Severity.Error,
    "A field that took the place of padding counts only with a flag or capability: nobody zeroed the padding before.",
    Sources.CheckUapi)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject) =>
        from entry in subject.NewFields(Abi.X8664)
        where UapiModel.Existing(entry.Struct.Name) is not null
        let field = entry.Field.Field
        where field.Members.Count == 0 && !PaddingNames.Match(field.Name) && field.ValidWith.Length == 0
        select ($"{entry.Struct.Name}.{entry.Field.Path}", "new in an existing structure, and no flag or capability says that it was filled in");
}
