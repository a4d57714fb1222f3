using UapiLab.Harness.Checking;

namespace UapiLab.Bench.Models;

/// <summary>A model whose state is a few bytes: what the Promela models in <c>bench/spin</c> need. A worker has no state but a
/// scratch copy.</summary>
public abstract class ToyModel : IModel
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<PropertySpec> Properties { get; } =
        [new("no-invalid-end-state", PropertyKind.Always, "Whoever has not ended can go on.")];

    /// <summary>Bytes of a state.</summary>
    protected abstract int Size { get; }

    /// <summary>Every step of a state, as SPIN counts them: one statement each.</summary>
    protected abstract void Expand(ReadOnlySpan<byte> state, Steps steps);

    /// <inheritdoc/>
    public IModelWorker CreateWorker() => new Worker(this);

    private sealed class Worker(ToyModel model) : IModelWorker
    {
        private readonly Steps steps = new(model.Size);

        public void Initial(ISuccessors successors) => successors.Add(new byte[model.Size], default);

        public void Expand(ReadOnlySpan<byte> state, byte allowances, ISuccessors successors)
        {
            steps.Begin(state, successors);
            model.Expand(state, steps);
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Takes the steps of one state.</summary>
    protected sealed class Steps(int size)
    {
        private readonly byte[] before = new byte[size];
        private readonly byte[] after = new byte[size];
        private ISuccessors? successors;

        internal void Begin(ReadOnlySpan<byte> state, ISuccessors to)
        {
            state.CopyTo(before);
            successors = to;
        }

        /// <summary>A copy of the state to change.</summary>
        public Span<byte> Next()
        {
            before.CopyTo(after, 0);
            return after;
        }

        /// <summary>Adds the changed copy.</summary>
        public void Add(int process, bool isLocal = false) => successors!.Add(after, new StepInfo(process, 0, isLocal));

        /// <summary>Reports the state itself.</summary>
        public void Broken() => successors!.Observe(1);
    }
}
