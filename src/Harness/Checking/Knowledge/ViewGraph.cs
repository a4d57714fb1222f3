using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>One step from one state of a run to another, with what it shows to each party.</summary>
/// <param name="Target">State it leads to.</param>
/// <param name="Steps">What replay takes again: one step, or all of a call where threads take turns in whole
/// calls.</param>
/// <param name="Kvm">What it shows to KVM; 0 = nothing.</param>
/// <param name="Vmm">To the VMM.</param>
/// <param name="Guest">To the guest.</param>
/// <param name="Injected">vCPU for which KVM commits to a not-present, or -1.</param>
/// <param name="Faulted">vCPUs that take a new fault.</param>
internal sealed record ViewEdge(int Target, ScheduledStep[] Steps, int Kvm, int Vmm, int Guest, int Injected,
    byte Faulted)
{
    public int Seen(Observer observer) => observer switch { Observer.Kvm => Kvm, Observer.Vmm => Vmm, _ => Guest };
}

/// <summary>
/// Every state of a small machine with every step between them, and what each shows to whom. No reduction: symmetry and
/// fused steps keep what a state can do, not what an observer can tell of two runs (docs/checking.md, "what KVM can
/// know").
/// </summary>
internal sealed class ViewGraph
{

    private readonly List<ViewEdge[]> _edges = [];
    private readonly List<FaultRecord> _records = [];
    private readonly List<FactSet> _facts = [];

    private ViewGraph()
    {
    }

    /// <summary>States in which runs begin.</summary>
    public List<int> Initial { get; } = [];

    public int Count => _edges.Count;

    public long Edges { get; private set; }

    /// <summary>Nothing was left out.</summary>
    public bool IsComplete { get; private set; } = true;

    public IReadOnlyList<ViewEdge> From(int node) => _edges[node];

    public FaultRecord Record(int node) => _records[node];

    public FactSet Facts(int node) => _facts[node];

    /// <param name="encoding">What is explored.</param>
    /// <param name="instance">On which machine.</param>
    /// <param name="truthful">Leave out the runs in which a fault does not come out as the VMM had predicted.</param>
    /// <param name="maxStates">Give up after so many.</param>
    /// <param name="stop">Give up when it says so.</param>
    public static ViewGraph Build(Encoding encoding, CheckInstance instance, bool truthful, int maxStates,
        Func<bool> stop)
    {
        var graph = new ViewGraph();
        var recorder = new ViewRecorder();
        using var worker = new MachineWorker(encoding, instance, null, recorder);
        var nodes = new Dictionary<byte[], int>(new ByBytes());
        var states = new List<(byte[] State, byte RemainingBudget)>();
        var words = new Dictionary<string, int> { [""] = 0 };
        recorder.Clear();
        recorder.Machine = worker.Machine;
        foreach (var start in worker.InitialStates(() => recorder.Record = default))
        {
            graph.Initial.Add(Node(start.State, start.RemainingBudget, recorder.Record));
        }

        worker.Machine.View = recorder;
        recorder.Machine = worker.Machine;
        for (var node = 0; node < states.Count; node++)
        {
            if (states.Count > maxStates || (node % 256 == 0 && stop()))
            {
                graph.IsComplete = false;
                break;
            }

            var found = new List<ViewEdge>();
            recorder.Record = graph._records[node];
            recorder.Clear();
            foreach (var step in worker.Steps(states[node].State, states[node].RemainingBudget))
            {
                if (!truthful || !recorder.IsUnpredicted)
                {
                    var scheduled = worker.Scheduled(step).ToArray();
                    var (plain, remainingBudget) = worker.Plain();
                    found.Add(new(Node(plain, remainingBudget, recorder.Record), scheduled,
                        Word(recorder.Seen(Observer.Kvm)), Word(recorder.Seen(Observer.Vmm)),
                            Word(recorder.Seen(Observer.Guest)), recorder.Injected, recorder.Faulted));
                }

                recorder.Record = graph._records[node];
                recorder.Clear();
            }

            graph._edges[node] = [.. found];
            graph.Edges += found.Count;
        }

        return graph;

        int Node(byte[] state, byte remainingBudget, FaultRecord record)
        {
            var key = new byte[state.Length + 1 + sizeof(ulong)];
            state.CopyTo(key, 0);
            key[state.Length] = remainingBudget;
            BitConverter.TryWriteBytes(key.AsSpan(state.Length + 1), record.Bits);
            if (!nodes.TryGetValue(key, out var node))
            {
                node = states.Count;
                nodes.Add(key, node);
                states.Add((state, remainingBudget));
                graph._edges.Add([]);
                graph._records.Add(record);
                graph._facts.Add(FactSet.Of(worker.Machine, record));
            }

            return node;
        }

        int Word(string seen)
        {
            if (!words.TryGetValue(seen, out var word))
            {
                words.Add(seen, word = words.Count);
            }

            return word;
        }
    }

    /// <summary>States are the same when their bytes are.</summary>
    private sealed class ByBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] state) => (int)Fingerprint.Of(state);
    }
}
