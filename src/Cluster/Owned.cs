using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cluster;

/// <summary>
/// The part of the visited set that one silo owns. While a level is expanded nothing enters it: candidates that it does
/// not cover wait, those of each silo in the order in which that one found them. Then all enter in the order of silos,
/// which is the order of their slices. So what is new is what would be new on one machine.
/// </summary>
internal sealed class Owned
{
    private readonly VisitedSet _visited = new(numbered: false);
    private readonly List<(ulong Fingerprint, byte Budget)>[] _waiting;
    private readonly byte _all;
    private readonly int _threads;
    private readonly Lock _gate = new();
    private bool[][]? _entered;
    private int _answered;

    /// <param name="silos">How many ask.</param>
    /// <param name="fullBudget">All that the environment may do.</param>
    /// <param name="threads">That may enter states.</param>
    public Owned(int silos, byte fullBudget, int threads)
    {
        _waiting = [.. Enumerable.Range(0, silos).Select(_ => new List<(ulong, byte)>())];
        _all = fullBudget;
        _threads = Math.Min(threads, VisitedSet.Parts);
    }

    public long Bytes => _visited.Bytes;

    /// <summary>Candidates of one silo; another may ask at the same time.</summary>
    public byte[] Ask(int source, ReadOnlySpan<byte> keys)
    {
        var bits = new bool[keys.Length / Keys.Bytes];
        for (var i = 0; i < bits.Length; i++)
        {
            var (fingerprint, budget) = Keys.Read(keys, i);
            if (!_visited.Covers(fingerprint, budget, _all))
            {
                bits[i] = true;
                _waiting[source].Add((fingerprint, budget));
            }
        }

        return Keys.Pack(bits);
    }

    /// <summary>Of the candidates of one silo that waited, which are new. Each silo asks once a level.</summary>
    public byte[] Entered(int source)
    {
        lock (_gate)
        {
            // The first that asks has all enter; the next level begins when each has its answer.
            _entered ??= Enter();
            var packed = Keys.Pack(_entered[source]);
            _waiting[source].Clear();
            if (++_answered == _waiting.Length)
            {
                (_entered, _answered) = (null, 0);
            }

            return packed;
        }
    }

    private bool[][] Enter()
    {
        bool[][] entered = [.. _waiting.Select(w => new bool[w.Count])];
        Parallel.For(0, _threads, new ParallelOptions { MaxDegreeOfParallelism = _threads }, walk =>
        {
            for (var source = 0; source < _waiting.Length; source++)
            {
                for (var i = 0; i < entered[source].Length; i++)
                {
                    var (fingerprint, budget) = _waiting[source][i];
                    if (VisitedSet.PartOf(fingerprint) % _threads == walk)
                    {
                        entered[source][i] = _visited.TryAdd(fingerprint, budget, _all);
                    }
                }
            }
        });
        return entered;
    }
}
