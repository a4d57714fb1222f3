namespace UapiLab.Harness.Machines.Vmm;

/// <summary>A restore of the whole VM from a snapshot, or a migration, at most once in a run.</summary>
/// <param name="Area">What the guest's APF area meets at the destination.</param>
/// <param name="CarriesWords">Whether the VMM brings the words it can address along, instead of starting with fresh
/// ones. KVM's own never come along.</param>
internal sealed record RestoreScenario(ApfAreaAtRestore Area = ApfAreaAtRestore.Elsewhere, bool CarriesWords = false);

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
