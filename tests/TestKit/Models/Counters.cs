using System.Buffers.Binary;
using UapiLab.Harness.Checking;

namespace UapiLab.TestKit.Models;

/// <summary>bench/spin/counters.pml: two processes count to a limit and flip a shared bit with each step, so the states
/// are a square grid and the bit is the parity of the two counts. Like SPIN with -E, it asks nothing of the last
/// state.</summary>
internal sealed class Counters(int limit = 2000) : IModel
{
    private const int Bit = 8;

    public string Name => "counters";

    public IReadOnlyList<PropertySpec> Properties { get; } =
        [new("bit-is-parity", PropertyKind.Always, "The bit is the parity of the sum of both counts.")];

    public IModelWorker CreateWorker() => new Worker(limit);

    private sealed class Worker(int limit) : IModelWorker
    {
        private const int Bytes = 9;
        private readonly byte[] _next = new byte[Bytes];

        public void Initial(ISuccessors successors) => successors.Add(new byte[Bytes], new StepInfo(0, 0));

        public void Expand(ReadOnlySpan<byte> state, byte remainingBudget, ISuccessors successors)
        {
            var sum = 0;
            for (var process = 0; process < 2; process++)
            {
                var place = process * sizeof(int);
                var count = BinaryPrimitives.ReadInt32LittleEndian(state[place..]);
                sum += count;
                if (count < limit)
                {
                    state.CopyTo(_next);
                    BinaryPrimitives.WriteInt32LittleEndian(_next.AsSpan(place), count + 1);
                    _next[Bit] ^= 1;
                    successors.Add(_next, new StepInfo(process, 0)); // the bit is shared: not local
                }
            }

            if (state[Bit] != (sum & 1))
            {
                successors.Observe(1);
            }
        }

        public void Dispose()
        {
        }
    }
}
