using Orleans;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cluster;

/// <summary>What is searched, for a silo: nothing that a name does not say.</summary>
/// <param name="Encoding">With its options, as typed.</param>
/// <param name="Instance">What is printed of the instance: names and values in turn.</param>
/// <param name="IsSymmetric">States that differ only in names count once.</param>
/// <param name="Coalesces">Steps that nobody notices are taken together with the next one.</param>
/// <param name="Words">See <see cref="ModelLessons"/>.</param>
/// <param name="Others">Likewise.</param>
/// <param name="Tokens">Likewise.</param>
/// <param name="KeepsEdges">Transitions are wanted, for fair cycles.</param>
/// <param name="HashSeed">See <see cref="StateHash"/>.</param>
/// <param name="HashBits">Likewise.</param>
[GenerateSerializer, Immutable]
internal sealed record SearchSpec(string Encoding, string[] Instance, bool IsSymmetric, bool Coalesces,
    ulong Words, ulong Others, long Tokens, bool KeepsEdges, ulong HashSeed, int HashBits)
{
    public static SearchSpec Of(MachineModel model, bool keepsEdges, StateHash hash)
    {
        var (words, others, tokens) = model.Lessons;
        return new(model.Encoding.Description.FullName,
            [.. model.Instance.Parameters.SelectMany(p => new[] { p.Key, p.Value })],
            model.Instance.Symmetric, model.Instance.CoalescesInvisible, words, others, tokens, keepsEdges,
            hash.Seed, hash.Bits);
    }

    public MachineModel Model(Func<string, Abstractions.Encoding> resolve)
    {
        var instance = CheckInstance.Parse("cluster",
            [.. Instance.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1]))]);
        return new(resolve(Encoding),
            instance with { Symmetric = IsSymmetric, CoalescesInvisible = Coalesces })
        {
            Lessons = new(Words, Others, Tokens),
        };
    }
}

/// <summary>Who a silo is.</summary>
/// <param name="Place">Where it listens to searches.</param>
/// <param name="Code">Which build of the program it runs.</param>
/// <param name="Run">A name for a run that no other has.</param>
[GenerateSerializer, Immutable]
internal sealed record SiloIntroduction(string Place, string Code, string Run);

/// <summary>A level of the search, and which of its states a silo expands. States of a level are numbered from
/// 0.</summary>
/// <param name="Level">The level.</param>
/// <param name="Number">The number that its first state has among all states.</param>
/// <param name="First">The first state of the silo's slice.</param>
/// <param name="Count">States of the slice.</param>
/// <param name="Born">For each silo the first state that it found; and the number of states.</param>
[GenerateSerializer, Immutable]
internal sealed record Slice(int Level, long Number, long First, long Count, long[] Born);

/// <summary>What came of a piece of a slice.</summary>
/// <param name="FirstBatch">Batches (<see cref="Share.BatchStates"/>) are counted from here.</param>
/// <param name="Transitions">Of each batch.</param>
/// <param name="Findings">The first of each property.</param>
/// <param name="Targets">Transitions, if they are wanted: fingerprints of states,</param>
/// <param name="Infos">what else a cycle needs,</param>
/// <param name="Ends">and where those of each state end.</param>
/// <param name="Bound">The silo cannot take more, and why.</param>
[GenerateSerializer, Immutable]
internal sealed record Piece(long FirstBatch, long[] Transitions, Finding[] Findings, byte[] Targets, byte[] Infos,
    byte[] Ends, string? Bound)
{
    /// <summary>The encoding breaks the contract, and how.</summary>
    [Id(7)]
    public string? Defect { get; init; }
}

/// <summary>Properties seen at a state of the level, or in an action of it.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct Finding(ulong Properties, long State, int Action);

/// <summary>The states that a silo found in a level and that are new.</summary>
/// <param name="FirstBatch">Batches of their parents are counted from here.</param>
/// <param name="States">Of each batch.</param>
/// <param name="Count">Of all.</param>
/// <param name="Path">Where the path of the first one stands in the silo's log.</param>
/// <param name="Bytes">Of the silo's part of the visited set, and of its paths.</param>
[GenerateSerializer, Immutable]
internal sealed record Settled(long FirstBatch, long[] States, long Count, long Path, long Bytes);

/// <summary>What a silo has learned and sent, in the end.</summary>
/// <param name="Words">See <see cref="ModelLessons"/>.</param>
/// <param name="Others">Likewise.</param>
/// <param name="Tokens">Likewise.</param>
/// <param name="Messages">To other silos.</param>
/// <param name="Bytes">In them and in the answers.</param>
/// <param name="Asked">Candidates in them.</param>
/// <param name="Moved">States that it took over from other silos.</param>
[GenerateSerializer, Immutable]
internal sealed record Farewell(ulong Words, ulong Others, long Tokens, long Messages, long Bytes, long Asked,
    long Moved);
