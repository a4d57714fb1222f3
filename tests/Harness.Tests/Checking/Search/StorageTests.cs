using System.Buffers.Binary;
using UapiLab.Harness.Checking.Search;
using Xunit;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>What the search keeps its states in.</summary>
public sealed class StorageTests
{
    private const int Many = 1_000_000;

    /// <summary>States that differ in a few low bits of a few fields, as real ones do.</summary>
    private static ulong Structured(int number, int bytes)
    {
        Span<byte> state = stackalloc byte[bytes];
        state.Clear();
        for (var field = 0; field < 5; field++)
        {
            state[field * (bytes - 1) / 4] = (byte)(number >> (4 * field) & 0xF);
        }

        return Fingerprint.Of(state);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(64)]
    [InlineData(100)]
    public void Structured_states_have_different_fingerprints(int bytes)
    {
        var seen = new HashSet<ulong>(Many);
        for (var i = 0; i < Many; i++)
        {
            Assert.True(seen.Add(Structured(i, bytes)));
        }
    }

    [Fact]
    public void Zeroes_of_different_length_have_different_fingerprints() =>
        Assert.Equal(200, Enumerable.Range(0, 200).Select(length => Fingerprint.Of(new byte[length])).Distinct()
            .Count());

    [Fact]
    public void The_visited_set_grows_and_forgets_nothing()
    {
        var visited = new VisitedSet(numbered: true);
        for (uint i = 0; i < Many; i++)
        {
            var fingerprint = Structured((int)i, 24);
            Assert.False(visited.Covers(fingerprint, 0, 0));
            Assert.True(visited.TryAdd(fingerprint, 0, 0));
            Assert.False(visited.TryAdd(fingerprint, 0, 0));
            visited.Number(fingerprint, 0, i);
        }

        Assert.Equal(Many, visited.Count);
        Assert.InRange((double)visited.Bytes / Many, 9.4, 11.8);
        for (uint i = 0; i < Many; i++)
        {
            Assert.True(visited.Find(Structured((int)i, 24), 0, 0, out var number));
            Assert.Equal(i, number);
        }
    }

    [Fact]
    public void More_allowances_cover_fewer()
    {
        var visited = new VisitedSet(numbered: false);
        Assert.True(visited.TryAdd(42, 0b011, 0b111));
        Assert.False(visited.TryAdd(42, 0b001, 0b111));
        Assert.True(visited.Covers(42, 0b011, 0b111));
        Assert.True(visited.Covers(42, 0b001, 0b111));
        Assert.True(visited.Covers(42, 0b000, 0b111));
        Assert.False(visited.Covers(42, 0b111, 0b111));
        Assert.False(visited.Covers(42, 0b100, 0b111));
        Assert.False(visited.Covers(43, 0b001, 0b111));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_parent_is_found_again_across_blocks(bool inFiles)
    {
        static (long Parent, int Action) Expected(long i) => (i == 0 ? 0 : (i - 1) / 2 * 2, (int)(i % 300));

        using var store = new BlockStore { UsesFiles = inFiles };
        var paths = new PathLog(store);
        paths.AddInitial(0);
        for (long i = 1; i < Many; i++)
        {
            paths.Add(Expected(i).Parent, Expected(i).Action);
        }

        Assert.Equal(Many, paths.Count);
        Assert.True(paths.Bytes > 2 << 20, "more than two blocks");
        Assert.Equal(inFiles, store.BytesInMemory == 0);
        foreach (var i in Enumerable.Range(0, Many / 997).Select(k => k * 997L).Append(1).Append(1023).Append(1024)
            .Append(Many - 1))
        {
            Assert.Equal(Expected(i), paths[i]);
        }
    }

    /// <summary>Of any size: a block holds fewer where that is no power of two.</summary>
    [Fact]
    public void A_list_of_any_items_keeps_them_apart()
    {
        using var store = new BlockStore();
        BigList<(long, long, int)> one = new(store), other = new(store);
        for (var i = 0; i < 200_000; i++)
        {
            one.Add((i, -i, 1));
            other.Add((-i, i, 2));
        }

        for (var i = 0; i < 200_000; i++)
        {
            Assert.Equal(((long)i, (long)-i, 1), one[i]);
            Assert.Equal(((long)-i, (long)i, 2), other[i]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void States_of_any_length_are_kept(bool inFiles)
    {
        static byte[] Nth(int i)
        {
            var state = new byte[i == 7 ? 3 << 20 : 4 + (i % 61)];
            BinaryPrimitives.WriteInt32LittleEndian(state, i);
            return state;
        }

        using var store = new BlockStore { UsesFiles = inFiles };
        var states = new StateList(store);
        for (var round = 0; round < 2; round++)
        {
            states.Clear();
            for (var i = 0; i < 100_000; i++)
            {
                states.Add(Nth(i), (byte)(i & 0xFF));
            }

            Assert.Equal(100_000, states.Count);
            for (var i = 0; i < 100_000; i++)
            {
                Assert.True(states[i].SequenceEqual(Nth(i)));
                Assert.Equal((byte)(i & 0xFF), states.RemainingBudget(i));
            }

            Assert.Equal(inFiles, store.BytesInFiles > 0);
        }
    }
}
