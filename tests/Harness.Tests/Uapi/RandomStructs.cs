using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Structures at random: arrays, unions and structures within structures, every fifth packed.</summary>
internal sealed class RandomStructs(ulong seed)
{
    private static readonly string[] s_types =
        ["__u8", "__u16", "__u32", "__u64", "__s64", "__aligned_u64", "unsigned long", "char", "void *"];
    private SplitMix64 _random = new(seed);

    public StructSpec Next(int number) =>
        new(Invariant($"kvm_random_{number}"), Fields("f", depth: 2), 0) { Packed = number % 5 == 0 };

    private IReadOnlyList<FieldSpec> Fields(string prefix, int depth) =>
        [.. Enumerable.Range(0, 1 + Draw(6)).Select(i => Field(Invariant($"{prefix}{i}"), depth))];

    private FieldSpec Field(string name, int depth)
    {
        if (depth == 0 || Draw(4) > 0)
        {
            return new(name, s_types[Draw(s_types.Length)], 0, 1 + Draw(3));
        }

        bool anonymous = Draw(2) == 0;
        return new(anonymous ? "" : name, Draw(2) == 0 ? "struct" : "union", 0, anonymous ? 1
            : 1 + Draw(3))
        { Members = Fields(name + "_", depth - 1) };
    }

    private int Draw(int below) => (int)(_random.Next() % (ulong)below);
}
