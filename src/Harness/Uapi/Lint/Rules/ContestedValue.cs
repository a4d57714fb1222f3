namespace UapiLab.Harness.Uapi;

/// <summary>A value is not one that another posted or carried series uses for something else.</summary>
internal sealed record ContestedValue() : LintRule(
    "contested-value",
    Severity.Note,
    "A value is not one that another posted or carried series uses for something else.",
    Sources.Posted)
{
    protected override IEnumerable<(string Place, string Text)> Problems(LintSubject subject)
    {
        var description = subject.Description;
        return from value in description.Flags.Select(f => (f.Name, Place: f.Field, Value: f.Bit))
                   .Concat(description.Capabilities.Select(c => (c.Name, Place: "capability", Value: c.Number)))
                   .Concat(subject.NewIoctls.Select(i => (i.Name, Place: "ioctl", Value: (int)i.Number)))
               from other in OutOfTree.Others(value.Place, value.Value, value.Name)
               select (value.Name, value.Place == "ioctl"
                   ? FormattableString.Invariant($"0x{value.Value:x2} is {other.Name} in {other.Series}")
                   : value.Place == "capability"
                       ? FormattableString.Invariant($"{value.Value} is {other.Name} in {other.Series}")
                       : FormattableString.Invariant($"bit {value.Value} is {other.Name} in {other.Series}"));
    }
}
