namespace UapiLab.Harness.Uapi;

/// <summary>Everything new is documented.</summary>
internal sealed record Undocumented() : LintRule(
    "undocumented",
    Severity.Warning,
    "Everything new is documented.",
    Sources.KvmReview)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        var description = subject.Description;
        return from item in description.Capabilities.Select(c => (c.Name, c.Doc))
                   .Concat(description.Flags.Select(f => (f.Name, f.Doc)))
                   .Concat(description.Ioctls.Select(i => (i.Name, i.Doc)))
                   .Concat(description.Ioctls.SelectMany(i => i.Operations).Select(o => (o.Name, o.Doc)))
                   .Concat(description.Constants.Select(c => (c.Name, c.Doc)))
                   .Concat(subject.NewStructs.Select(s => (s.Name, s.Doc)))
                   .Concat(from entry in subject.NewFields(Abi.X8664)
                           where !entry.Field.Field.MustBeZero && !PaddingNames.Match(entry.Field.Field.Name) && entry.Field.IsNamed
                           select ($"{entry.Struct.Name}.{entry.Field.Path}", entry.Field.Field.Doc))
               where string.IsNullOrWhiteSpace(item.Item2)
               select (item.Item1, "says nothing of what it means");
    }
}
