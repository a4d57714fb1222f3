namespace UapiLab.Harness.Uapi;

/// <summary>A field has another type.</summary>
internal static class TypeChange
{
    public static UapiChange Of(string place, LevelMember old, LevelMember now) => new(
        ChangeClass.Break,
        place,
        $"is {now.Type} instead of {old.Type}",
        old.Size == now.Size ? "the bytes are the same, and mean something else" : $"{now.Size} bytes instead of {old.Size}",
        SeenByAbidiff: true);
}
