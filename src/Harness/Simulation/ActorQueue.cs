using System.Numerics;
using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Simulation;

/// <summary>
/// When each actor next has something to do, and who is first, ordered by (time, actor number): a tournament tree over
/// keys that hold both in one word, so that an update is one branch-free walk to the root.
/// </summary>
internal sealed class ActorQueue
{
    private const int ActorBits = 14;
    private const ulong Never = ulong.MaxValue;

    private readonly ulong[] _tree;
    private readonly int _leaves;

    public ActorQueue(int actors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(actors, 1 << ActorBits);
        _leaves = (int)BitOperations.RoundUpToPowerOf2((uint)actors);
        _tree = new ulong[2 * _leaves];
        Array.Fill(_tree, Never);
    }

    public bool IsEmpty => _tree[1] == Never;

    /// <summary>The actor that is first.</summary>
    public int First => (int)(_tree[1] & ((1 << ActorBits) - 1));

    /// <summary>When the first of the others has something to do, ns; the end of time if none has.</summary>
    public long FirstTimeBeside(int actor)
    {
        var keys = _tree;
        var first = Never;
        for (var place = _leaves + actor; place > 1; place >>= 1)
        {
            first = Math.Min(first, keys[place ^ 1]);
        }

        return (long)(first >> ActorBits);
    }

    public bool Contains(int actor) => _tree[_leaves + actor] != Never;

    public long Time(int actor) => (long)(_tree[_leaves + actor] >> ActorBits);

    /// <summary>Puts the actor in, or moves it.</summary>
    public void Set(int actor, long at) => Put(actor, ((ulong)at << ActorBits) | (uint)actor);

    public void Remove(int actor) => Put(actor, Never);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(int actor, ulong key)
    {
        var keys = _tree;
        var place = _leaves + actor;
        keys[place] = key;
        while (place > 1)
        {
            key = Math.Min(key, keys[place ^ 1]);
            place >>= 1;
            if (keys[place] == key)
            {
                break;
            }

            keys[place] = key;
        }
    }
}
