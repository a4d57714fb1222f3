namespace UapiLab.Abstractions;

/// <summary>Guest frame number: a guest-physical address divided by the 4 KiB page size.</summary>
/// <param name="Value">Frame number, 0-based. Memslots in the lab start at gfn 0.</param>
public readonly record struct Gfn(ulong Value)
{
    /// <summary>Page size in bytes as the userfault contract sees it (userfault forces 4 KiB mappings).</summary>
    public const ulong PageSize = 4096;

    /// <summary>Guest-physical address of the first byte of the page.</summary>
    public ulong Gpa => Value * PageSize;

    /// <summary>The frame that holds a guest-physical address.</summary>
    public static Gfn OfGpa(ulong gpa) => new(gpa / PageSize);

    /// <inheritdoc/>
    public override string ToString() => "0x" + Value.ToString("x");
}
