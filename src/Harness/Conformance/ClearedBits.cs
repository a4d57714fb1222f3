namespace UapiLab.Harness.Conformance;

/// <summary>Pages that the VMM said it resolved (marker <c>uf_resolve</c>): their faults no longer exit. Nothing shows
/// when a bit is set again, but the loaders do so at their markers only; a VMM without markers says nothing here at
/// all.</summary>
internal sealed class ClearedBits(long toleranceNs)
{
    private readonly Dictionary<ulong, long> _clearedAt = [];

    /// <summary>Whether the page's bit was clear for certain when a fault at this time read it.</summary>
    public bool IsClear(ulong gfn, long atNs) => _clearedAt.TryGetValue(gfn, out var cleared)
        && cleared + toleranceNs < atNs;

    public void Clear(ulong gfn, long atNs) => _clearedAt.TryAdd(gfn, atNs);

    /// <summary>Whether the bit was cleared before.</summary>
    public bool WasCleared(ulong gfn) => _clearedAt.ContainsKey(gfn);

    /// <summary>Bits may have been set again.</summary>
    public void Forget() => _clearedAt.Clear();
}
