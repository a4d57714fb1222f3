using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Fields of state structures whose type does not say how they are to be written, and those that say nothing to a
/// reader. A field that nobody lists is shown as its type is.</summary>
internal sealed class FieldTexts
{
    /// <summary>Where a thread is and what it will do next is said by the text of its next step; the rest is bookkeeping: links,
    /// heads of rings, counts of what is shown anyway, measures of a simulation.</summary>
    private static readonly HashSet<string> s_hidden =
    [
        "VcpuState.Step", "VcpuState.Resume", "VcpuState.LastFault", "VcpuState.FaultsInARow", "VcpuState.SliceLeftNs", "VcpuState.ChunkNs",
        "VcpuState.DoneHead", "VcpuState.SequenceSnapshot", "VcpuState.Slept", "VcpuState.PfMarks", "VcpuState.ReadySlot", "VcpuState.TokenCounter",
        "VcpuState.Transient", "VcpuState.Disposition", "VcpuState.Handler",
        "TaskState.NextIndex", "TaskState.ComputeLeftNs", "TaskState.ApfSwitches", "TaskState.HasStep", "TaskState.WokenByApf", "TaskState.Marks",
        "ActorState.Step", "ActorState.BlockedOn", "ActorState.LogWords", "ActorState.InOperation", "ActorState.Slept", "ActorState.Predicted",
        "ApfItem.Prefault",
        "FetchState.Gfn", "FetchState.NextFree", "FetchState.FirstWaiter", "FetchState.LastWaiter", "FetchState.BlockedThreads", "FetchState.Disposition",
        "WaiterState.Next",
        "VmState.PrefetchIndex", "VmState.RearmIndex", "VmState.RearmNext", "VmState.FreeFetch", "VmState.FreeWaiter", "VmState.CompletedHead",
        "VmState.CompletedCount", "VmState.PrefetchInFlight", "VmState.WorkHead", "VmState.UnderWay", "VmState.SignalledEventfds", "VmState.LockWaiters",
        "VmState.SignalsLeft", "VmState.RefusalsLeft", "VmState.CopyFailuresLeft", "VmState.CarelessLeft", "VmState.RepeatsLeft",
    ];

    private readonly Dictionary<string, Func<ulong, string>> texts;

    public FieldTexts(Func<int, string> actor) => texts = new()
    {
        ["VcpuState.ExitFlags"] = ValueText.Hex,
        ["VcpuState.ExitExtra"] = ValueText.Hex,
        ["VcpuState.SharedFlags"] = ValueText.Hex,
        ["VcpuState.SharedToken"] = ValueText.Hex,
        ["VcpuState.AreaFlags"] = ValueText.Hex,
        ["VcpuState.AreaToken"] = ValueText.Hex,
        ["VcpuState.PfToken"] = ValueText.Hex,
        ["VcpuState.FaultAccess"] = ValueText.Enumeration<AccessKind>(),
        ["VcpuState.Wanted"] = ValueText.Enumeration<Handling>(),
        ["VcpuState.CurrentTask"] = ValueText.Index(task => $"task{task}"),
        ["VcpuState.WokenTask"] = ValueText.IndexPlusOne(task => $"task{task}"),
        ["VcpuState.Fetch"] = ValueText.Index(fetch => $"fetch{fetch}"),
        ["TaskState.Token"] = ValueText.Hex,
        ["ApfItem.Token"] = ValueText.Hex,
        ["ActorState.Fetch"] = ValueText.Index(fetch => $"fetch{fetch}"),
        ["FetchState.Owner"] = ValueText.Index(actor),
        ["WaiterState.Cookie"] = ValueText.Hex,
        ["WaiterState.Vcpu"] = ValueText.Index(vcpu => $"vcpu{vcpu}"),
        ["Buffered.Value"] = ValueText.Hex,
        ["OldValue.Value"] = ValueText.Hex,
    };

    /// <summary>Names that are listed here, for the test that each is a field.</summary>
    public IEnumerable<string> Listed => s_hidden.Concat(texts.Keys);

    public static bool IsShown(string structure, string field) => !field.StartsWith("Unused", StringComparison.Ordinal) && !s_hidden.Contains($"{structure}.{field}");

    public Func<ulong, string> Text(string structure, string field, Type type) => texts.GetValueOrDefault($"{structure}.{field}") ?? ValueText.Of(type);
}
