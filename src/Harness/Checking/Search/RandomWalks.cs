using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Checking.Search;

/// <summary>How to walk.</summary>
/// <param name="Runs">Walks.</param>
/// <param name="Steps">Steps of each at most.</param>
/// <param name="Seed">Root of all random choices: run i depends on it and on i alone.</param>
/// <param name="ChangePoints">-1: each step is anybody's. Otherwise PCT: processes have random priorities, the highest
/// that can steps, and at so many random instants the one that is highest falls to the bottom.</param>
/// <param name="Threads">Threads; the result does not depend on it.</param>
public sealed record WalkOptions(long Runs, int Steps, ulong Seed, int ChangePoints, int Threads);

/// <summary>What walks came to.</summary>
/// <param name="Runs">Walks taken.</param>
/// <param name="Steps">Steps of all together.</param>
/// <param name="Shown">Properties that a step broke or showed.</param>
/// <param name="FirstBroken">The lowest run that broke an always-property; -1 if none did.</param>
/// <param name="BrokenAt">Its step, from 0.</param>
public sealed record WalkResult(long Runs, long Steps, ulong Shown, long FirstBroken, int BrokenAt);

/// <summary>Random and priority-based schedules, for machines too big to exhaust. Nothing is remembered but the run
/// number.</summary>
internal static class RandomWalks
{
    private const long RunsPerChunk = 1 << 10;

    /// <summary>How many chunks there are, each of which can be walked anywhere.</summary>
    public static int ChunksOf(WalkOptions options) =>
        checked((int)((options.Runs + RunsPerChunk - 1) / RunsPerChunk));

    /// <summary>Walks some chunks. None is walked behind one that breaks something; null for those that were
    /// not.</summary>
    /// <param name="create">Makes a walk for one thread.</param>
    /// <param name="always">Which properties end a run.</param>
    /// <param name="options">How.</param>
    /// <param name="takes">Which chunks.</param>
    /// <param name="stop">Asked between chunks.</param>
    public static WalkResult?[] Run(Func<IWalk> create, ulong always, WalkOptions options, Func<int, bool> takes,
        Func<bool> stop)
    {
        var chunks = ChunksOf(options);
        var results = new WalkResult?[chunks];
        var next = -1L;
        var lowestBroken = long.MaxValue;
        Parallel.For(0, options.Threads, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, _ =>
        {
            using var walk = create();
            var walker = new Walker(walk, options);
            long chunk;
            while ((chunk = Interlocked.Increment(ref next)) < chunks && !stop()
                && chunk * RunsPerChunk < Interlocked.Read(ref lowestBroken))
            {
                if (!takes((int)chunk))
                {
                    continue;
                }

                results[chunk] = walker.Chunk(chunk * RunsPerChunk, Math.Min(options.Runs, (chunk + 1) * RunsPerChunk),
                    always);
                if (results[chunk]!.FirstBroken >= 0)
                {
                    InterlockedMin(ref lowestBroken, results[chunk]!.FirstBroken);
                }
            }
        });

        return results;
    }

    /// <summary>What chunks came to together, up to the first that breaks something or is missing.</summary>
    public static WalkResult Sum(IEnumerable<WalkResult?> results)
    {
        long runs = 0, steps = 0, broken = -1;
        var at = 0;
        ulong shown = 0;
        foreach (var result in results)
        {
            if (result is null)
            {
                break;
            }

            runs += result.Runs;
            steps += result.Steps;
            shown |= result.Shown;
            if (result.FirstBroken >= 0)
            {
                (broken, at) = (result.FirstBroken, result.BrokenAt);
                break; // what later chunks saw depends on who was faster
            }
        }

        return new(runs, steps, shown, broken, at);
    }

    /// <summary>One run again, telling who steps and what is picked.</summary>
    public static void Replay(IWalk walk, WalkOptions options, long run, int steps, Action<int,
        IReadOnlyList<int>> step)
    {
        var walker = new Walker(walk, options) { OnStep = step };
        walker.Walk(run, steps, 0, out _, out _);
    }

    private static void InterlockedMin(ref long place, long value)
    {
        long old;
        while ((old = Interlocked.Read(ref place)) > value && Interlocked.CompareExchange(ref place, value, old) != old)
        {
        }
    }

    private sealed class Walker
    {
        private readonly IWalk _walk;
        private readonly WalkOptions _options;
        private readonly Func<int, int> _pick;
        private readonly int[] _priorities = new int[64];
        private readonly List<int> _picked = [];
        private SplitMix64 _random;

        public Walker(IWalk walk, WalkOptions options)
        {
            this._walk = walk;
            this._options = options;
            _pick = Pick;
        }

        public Action<int, IReadOnlyList<int>>? OnStep { get; init; }

        public WalkResult Chunk(long from, long to, ulong always)
        {
            long steps = 0;
            ulong shown = 0;
            for (var run = from; run < to; run++)
            {
                steps += Walk(run, _options.Steps, always, out var seen, out var broken);
                shown |= seen;
                if (broken >= 0)
                {
                    return new(run - from + 1, steps, shown, run, broken);
                }
            }

            return new(to - from, steps, shown, -1, 0);
        }

        public int Walk(long run, int steps, ulong always, out ulong shown, out int broken)
        {
            _random = new SplitMix64(_options.Seed ^ ((ulong)run * 0x9E3779B97F4A7C15));
            shown = 0;
            broken = -1;
            _walk.Reset();
            var isPct = _options.ChangePoints >= 0;
            if (isPct)
            {
                for (var process = 0; process < _priorities.Length; process++)
                {
                    _priorities[process] = (int)(_random.Next() >> 34);
                }
            }

            var bottom = -1;
            for (var step = 0; step < steps; step++)
            {
                var enabled = _walk.Enabled;
                if (enabled == 0)
                {
                    return step;
                }

                int process;
                if (isPct)
                {
                    process = Highest(enabled);
                    if (Below(_options.Steps) < _options.ChangePoints)
                    {
                        _priorities[process] = bottom--;
                        process = Highest(enabled);
                    }
                }
                else
                {
                    process = Nth(enabled, Below(System.Numerics.BitOperations.PopCount(enabled)));
                }

                _picked.Clear();
                var observed = _walk.Step(process, _pick);
                OnStep?.Invoke(process, _picked);
                shown |= observed;
                if ((observed & always) != 0)
                {
                    broken = step;
                    return step + 1;
                }
            }

            return steps;
        }

        private int Pick(int n)
        {
            var answer = Below(n);
            if (OnStep is not null)
            {
                _picked.Add(answer);
            }

            return answer;
        }

        private int Below(int n) => (int)Math.BigMul(_random.Next(), (ulong)n, out _);

        private int Highest(ulong enabled)
        {
            var best = System.Numerics.BitOperations.TrailingZeroCount(enabled);
            for (var left = enabled; left != 0; left &= left - 1)
            {
                var process = System.Numerics.BitOperations.TrailingZeroCount(left);
                best = _priorities[process] > _priorities[best] ? process : best;
            }

            return best;
        }

        private static int Nth(ulong mask, int n)
        {
            for (; n > 0; n--)
            {
                mask &= mask - 1;
            }

            return System.Numerics.BitOperations.TrailingZeroCount(mask);
        }
    }
}
