namespace UapiLab.Harness.Conformance;

/// <summary>What the markers of a VMM say of pages: that it knows of a fault, and that the content came.</summary>
/// <param name="isStock">Whether no VMM has a say in APFs: KVM itself completes each.</param>
internal sealed class PageAccounts(bool isStock)
{
    private static readonly string[] s_known = ["memfault", "ring_notify", "uffd_msg"];
    private static readonly string[] s_placed = ["uf_resolve", "uffd_copy"];

    private readonly Dictionary<ulong, long> _known = [];

    private readonly Dictionary<ulong, (long AtNs, string Word)> _placed = [];

    /// <summary>Whether somebody writes markers: then what is not marked was not done.</summary>
    public bool IsMarked { get; set; }

    /// <summary>Takes one marker.</summary>
    public void Take(VmmMarker marker, long atNs)
    {
        if (marker.Gfn is not { } gfn)
        {
            return;
        }

        if (s_known.Contains(marker.Word))
        {
            _known[gfn] = atNs;
        }
        else if (s_placed.Contains(marker.Word))
        {
            _placed[gfn] = (atNs, marker.Word);
        }
        else if (marker.Word == "madv_dontneed")
        {
            _placed.Remove(gfn);
        }
    }

    /// <summary>Part of the trace is missing, or a VM begins or ends.</summary>
    public void Forget()
    {
        _known.Clear();
        _placed.Clear();
    }

    /// <summary>What would end an APF that nobody has completed.</summary>
    /// <param name="gfn">Its page.</param>
    /// <param name="sinceNs">When it was set up, if that is known.</param>
    public string EndOf(ulong gfn, long? sinceNs)
    {
        if (_placed.TryGetValue(gfn, out var placed))
        {
            return (isStock ? "KVM's worker, async_pf_execute(), which completes the APF" : "who completes the APF")
                + $"; the page came at {Diagnosis.Clock(placed.AtNs)} ({placed.Word})";
        }

        if (_known.TryGetValue(gfn, out var known) && known >= sinceNs)
        {
            return $"the page, of which the VMM knows since {Diagnosis.Clock(known)}";
        }

        return IsMarked ? "the VMM's look at the fault, of which no marker speaks"
            : isStock ? "the page, with which KVM's worker, async_pf_execute(), completes the APF"
            : "the page, and who completes the APF";
    }
}
