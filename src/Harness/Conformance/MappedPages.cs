using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Conformance;

/// <summary>Pages that a VM has mapped for certain: their accesses do not fault for want of a mapping before an
/// invalidation (rule M6) or a memslot update (rule M5) has taken it away. The trace names a host address where a page
/// is unmapped, so every page may have been the one.</summary>
internal sealed class MappedPages(MachineSetting setting)
{
    private const ulong SmallPage = 1;
    private const ulong Present = 1;

    private readonly HashSet<ulong> _mapped = [];

    /// <summary>Threads whose last event is an unmapping. It is traced before it waits for mmu_lock, so a page that
    /// another thread maps after it may still be taken out.</summary>
    private readonly HashSet<long> _unmapping = [];

    /// <summary>Takes one event of the trace.</summary>
    /// <returns>Why it cannot be.</returns>
    public IReadOnlyList<Refusal> Take(in RecordedEvent e)
    {
        if (e.Kind != RecordedKind.Unmapped)
        {
            _unmapping.Remove(e.Thread);
        }

        switch (e.Kind)
        {
            case RecordedKind.Mapped when e.Value == SmallPage && _unmapping.Count == 0:
                _mapped.Add(e.Gfn);
                break;
            case RecordedKind.Unmapped:
                _unmapping.Add(e.Thread);
                if (!setting.Breaks(Rules.M6Discard))
                {
                    _mapped.Clear();
                }

                break;
            case RecordedKind.PageFault when (e.Value & Present) == 0 && _mapped.Contains(e.Gfn):
                return [new(Rules.M6Discard,
                    Invariant($"an unmapping or a memslot update first: gfn 0x{e.Gfn:x} is mapped"))];
        }

        return [];
    }

    /// <summary>The VMM says that it updated a memslot.</summary>
    public void OnMemslotUpdate()
    {
        if (!setting.Breaks(Rules.M5Zap))
        {
            _mapped.Clear();
        }
    }

    /// <summary>Part of the trace is missing, or a VM begins or ends.</summary>
    public void Forget()
    {
        _mapped.Clear();
        _unmapping.Clear();
    }
}
