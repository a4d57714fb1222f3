namespace UapiLab.Harness.Checking.Search;

/// <summary>How to search, and how far.</summary>
public sealed record SearchOptions
{
    /// <summary>Threads; the result does not depend on it.</summary>
    public int Threads { get; init; } = 1;
    /// <summary>Asked before each batch in place of <see cref="Threads"/>, where others need some too.</summary>
    public Func<int>? ThreadsNow { get; init; }
    /// <summary>States after which the search gives up.</summary>
    public long MaxStates { get; init; } = long.MaxValue;
    /// <summary>Bytes of memory that the process may take before the search gives up.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;
    /// <summary>Bytes from which on what a search only adds to goes into files among the temporary ones; half of
    /// <see cref="MaxBytes"/> unless told.</summary>
    internal long? FilesFrom { get; init; }
    /// <summary>Asked between batches: true ends the search (time is up, or Ctrl-C was pressed), with the
    /// reason.</summary>
    public Func<string?> Stop { get; init; } = () => null;
    /// <summary>End at the first broken property.</summary>
    public bool StopAtFirst { get; init; } = true;
    /// <summary>Properties that do not end it.</summary>
    public ulong Ignored { get; init; }
    /// <summary>Use <see cref="StepInfo.IsLocal"/>.</summary>
    public bool Reduce { get; init; } = true;
    /// <summary>Look for fair cycles too, which keeps the transitions: 8 bytes each.</summary>
    public bool Liveness { get; init; }
    /// <summary>Keep whole states instead of fingerprints.</summary>
    public bool Exact { get; init; }
    /// <summary>Otherwise by what fingerprints.</summary>
    internal StateHash Hash { get; init; } = StateHash.First;
    /// <summary>Search depth first, along paths of up to so many steps, on one thread; 0 = breadth first.</summary>
    public int DepthFirst { get; init; }
    /// <summary>What held in a search of fewer transitions is searched again without reductions; 0 = never.</summary>
    public long RepeatsBelow { get; init; }
    /// <summary>Sometimes-properties whose history is wanted, bit i = property i.</summary>
    public ulong Shown { get; init; }
    /// <summary>Told now and then how far it is: states, and levels.</summary>
    public Action<long, int>? Progress { get; init; }
    /// <summary>Searches a machine breadth first, with the same result, but not in this process. What a search has to
    /// learn first it learns here.</summary>
    internal Func<Model.MachineModel, SearchOptions, SearchResult>? Elsewhere { get; init; }
    /// <summary>Asked between batches, with the number of states: true if the search is void and need not go
    /// on.</summary>
    internal Func<long, bool>? IsVoid { get; init; }
}
