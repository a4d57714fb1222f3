namespace UapiLab.Harness.Machines.Vmm;

/// <summary>A restore of the whole VM from a snapshot, or a migration, at most once in a run.</summary>
/// <param name="Area">What the guest's APF area meets at the destination.</param>
/// <param name="CarriesWords">Whether the VMM brings the words it can address along, instead of starting with fresh
/// ones. KVM's own never come along.</param>
/// <param name="Msrs">What becomes of the MSRs of APF.</param>
internal sealed record RestoreScenario(ApfAreaAtRestore Area = ApfAreaAtRestore.Elsewhere, bool CarriesWords = false,
    ApfMsrsAtRestore Msrs = ApfMsrsAtRestore.Written);

/// <summary>Which of the MSRs of APF the VMM restores.</summary>
internal enum ApfMsrsAtRestore : byte
{
    /// <summary>All of them.</summary>
    Written,
    /// <summary>MSR_KVM_ASYNC_PF_INT is not in the VMM's list.</summary>
    NoVector,
    /// <summary>MSR_KVM_ASYNC_PF_EN comes before what KVM needs for it, and the VMM does not look at the
    /// answer.</summary>
    Refused,
}

/// <summary>Where the page with the APF area is when the destination starts.</summary>
internal enum ApfAreaAtRestore : byte
{
    /// <summary>In memory that is neither armed nor missing.</summary>
    Elsewhere,
    /// <summary>Armed like every other frame, with its content placed before.</summary>
    Armed,
    /// <summary>Armed, and its content still to be fetched.</summary>
    Unpopulated,
}
