using System.Buffers.Binary;

namespace UapiLab.Bench.Models;

/// <summary>bench/spin/counters.pml: two counters to N and a shared bit; (N + 1)² states, the bit being their parity.</summary>
public sealed class Counters(int n) : ToyModel
{
    /// <inheritdoc/>
    public override string Name => "counters";

    /// <inheritdoc/>
    protected override int Size => 8;

    /// <inheritdoc/>
    protected override void Expand(ReadOnlySpan<byte> state, Steps steps)
    {
        for (var process = 0; process < 2; process++)
        {
            var count = BinaryPrimitives.ReadUInt16LittleEndian(state[(process * 2)..]);
            if (count < n)
            {
                var next = steps.Next();
                BinaryPrimitives.WriteUInt16LittleEndian(next[(process * 2)..], (ushort)(count + 1));
                next[4] ^= 1;
                steps.Add(process);
            }
        }
    }
}
