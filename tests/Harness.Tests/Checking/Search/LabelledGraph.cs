using UapiLab.Harness.Checking;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>A graph written down edge by edge; state 0 is where it begins. Its only property is to be reached or never
/// broken.</summary>
internal sealed class LabelledGraph(PropertyKind kind, params LabelledGraph.Edge[] edges) : IModel
{
    public string Name => "graph";

    public IReadOnlyList<PropertySpec> Properties { get; } = [new("shown", kind, "Shown by some edge.")];

    public IReadOnlyList<ulong> Interchangeable { get; init; } = [];

    public IModelWorker CreateWorker() => new Worker(edges);

    public readonly record struct Edge(byte From, byte To, int Process, bool Shows = false);

    private sealed class Worker(Edge[] edges) : IModelWorker
    {
        public void Initial(ISuccessors successors) => successors.Add([0], new StepInfo(0, 0));

        public void Expand(ReadOnlySpan<byte> state, byte remainingBudget, ISuccessors successors)
        {
            foreach (var edge in edges)
            {
                if (edge.From == state[0])
                {
                    successors.Add([edge.To], new StepInfo(edge.Process, edge.Shows ? 1UL : 0));
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
