using System.Collections.Concurrent;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Comparisons;

/// <summary>Why a run has no result.</summary>
internal enum RunFailureKind
{
    /// <summary>The encoding broke the contract.</summary>
    Defect,
    /// <summary>The input turned out to be wrong while it was used.</summary>
    Input,
    /// <summary>The lab itself is wrong.</summary>
    Internal,
}

/// <summary>A run without result.</summary>
internal sealed record RunFailure(RunFailureKind Kind, string Text);

/// <summary>What became of one run: one of the two is set.</summary>
internal sealed record RunOutcome(RunResult? Result, RunFailure? Failure);

/// <summary>One run to be done.</summary>
internal sealed record RunJob(Encoding Encoding, Variation Workload, PricedCosts Costs, ulong Seed)
{
    /// <summary>Equal for runs that cannot differ.</summary>
    public RunKey Key => new(Encoding.Description.FullName, Workload.Key, Costs.Key, Seed);
}

/// <summary>What tells two runs apart.</summary>
internal readonly record struct RunKey(string Encoding, VariationKey Workload, string Costs, ulong Seed)
{
    public override string ToString() => Invariant($"{Encoding}|{Workload}|{Costs}|{Seed}");
}

/// <summary>A cost table and what tells it apart from others.</summary>
internal sealed record PricedCosts(string Key, CostTable Table);

/// <summary>Runs each different job once, on several threads. What it returns does not depend on how many.</summary>
internal sealed class RunPool(int threads, IProgress<ComparisonProgress>? progress, CancellationToken cancellation,
    IRemoteRuns? remote = null)
{
    private readonly Dictionary<RunKey, RunOutcome> _done = [];

    /// <summary>Runs that are really different, so far.</summary>
    public int Runs => _done.Count;

    /// <summary>Failures that are not an encoding's, in the order of the jobs.</summary>
    public List<RunFailure> Failures { get; } = [];

    /// <summary>Which runs are done at all; the others are as if they were not reached.</summary>
    public Func<RunJob, bool> Takes { get; set; } = _ => true;

    /// <summary>What is known of a run without doing it; null if nothing.</summary>
    public Func<RunJob, RunOutcome?> Known { get; set; } = _ => null;

    /// <summary>Every run done so far.</summary>
    public IReadOnlyDictionary<RunKey, RunOutcome> Done => _done;

    /// <summary>Does what has not been done yet. When cancelled, the rest stays undone.</summary>
    /// <param name="phase">Name for the progress display.</param>
    /// <param name="jobs">In an order that does not depend on anything but the plan.</param>
    public void Do(string phase, IEnumerable<RunJob> jobs)
    {
        var todo = jobs.Where(Takes).Select(j => (j.Key, Job: j)).Where(j => !_done.ContainsKey(j.Key))
            .DistinctBy(j => j.Key).ToArray();
        var outcomes = new RunOutcome?[todo.Length];
        var finished = 0;
        progress?.Report(new(phase, 0, todo.Length));
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Batches(todo.Length, i => todo[i].Job.Encoding),
                    EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
                batch =>
                {
                    foreach (var i in batch.TakeWhile(_ => !cancellation.IsCancellationRequested))
                    {
                        outcomes[i] = Known(todo[i].Job)
                            ?? (IsRemote(todo[i].Job.Encoding) ? RunRemotely(todo[i].Job) : RunOne(todo[i].Job));
                        progress?.Report(new(phase, Interlocked.Increment(ref finished), todo.Length));
                    }
                });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What is there is kept.
        }

        for (var i = 0; i < todo.Length; i++)
        {
            if (outcomes[i] is { } outcome)
            {
                _done.Add(todo[i].Key, outcome);
                if (outcome.Failure is { Kind: not RunFailureKind.Defect } failure)
                {
                    Failures.Add(failure);
                }
            }
        }
    }

    /// <summary>How many of these jobs are not done yet.</summary>
    public int Left(IEnumerable<RunJob> jobs) => jobs.Select(j => j.Key).Distinct().Count(k => !_done.ContainsKey(k));

    /// <summary>Asks something of each of a few items.</summary>
    /// <param name="phase">Name for the progress display.</param>
    /// <param name="items">The order in which they are begun.</param>
    /// <param name="answer">Gives up when its second argument says so.</param>
    /// <returns>Null for what was not reached.</returns>
    public TAnswer?[] Ask<T, TAnswer>(string phase, IReadOnlyList<T> items, Func<T, Func<bool>, TAnswer?> answer)
        where TAnswer : struct
    {
        var answers = new TAnswer?[items.Count];
        var finished = 0;
        progress?.Report(new(phase, 0, items.Count));
        Parallel.ForEach(
            Partitioner.Create(Enumerable.Range(0, items.Count), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            i =>
            {
                var given = cancellation.IsCancellationRequested ? null
                    : answer(items[i], () => cancellation.IsCancellationRequested);
                answers[i] = cancellation.IsCancellationRequested ? null : given;
                progress?.Report(new(phase, Interlocked.Increment(ref finished), items.Count));
            });
        return answers;
    }

    /// <summary>The outcome of a job; null if it was not reached.</summary>
    public RunOutcome? Of(RunJob job) => _done.GetValueOrDefault(job.Key);

    private bool IsRemote(Encoding encoding) => remote?.Takes(encoding) == true;

    /// <summary>What is run elsewhere goes first, since it is done in order, all jobs of an encoding by one
    /// thread.</summary>
    private IEnumerable<IReadOnlyList<int>> Batches(int count, Func<int, Encoding> encodingOf)
    {
        var isRemote = Enumerable.Range(0, count).ToLookup(i => IsRemote(encodingOf(i)));
        return [.. isRemote[true].GroupBy(i => encodingOf(i).Description.FullName).Select(g => g.ToArray()),
            .. isRemote[false].Select(i => new[] { i })];
    }

    private RunOutcome RunRemotely(RunJob job) => OutcomeOf(remote!.Run(RunOrders.Of(job)));

    /// <summary>What came of a run somewhere else.</summary>
    public static RunOutcome OutcomeOf(RemoteOutcome answer) =>
        new(answer.Result, answer.Result is null ? new(RunFailureKind.Defect, answer.Defect) : null);

    /// <returns>Null if it was interrupted.</returns>
    private RunOutcome? RunOne(RunJob job)
    {
        try
        {
            using var simulator = new Simulator(job.Encoding, job.Workload.Workload, job.Costs.Table, job.Seed)
            {
                Cancellation = cancellation,
            };
            return new(simulator.Run(), null);
        }
        catch (EncodingDefectException e)
        {
            return new(null, new(RunFailureKind.Defect, e.Message));
        }
        catch (InputException e)
        {
            return new(null, new(RunFailureKind.Input, e.Message));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var where = e.StackTrace?.Split('\n')[0].Trim() ?? "";
            return new(null, new(RunFailureKind.Internal, Invariant(
                $"{job.Encoding.Description.FullName} on {job.Workload.Key}, seed {job.Seed}: {e.GetType().Name}: ")
                    + Invariant($"{e.Message} {where}")));
        }
    }
}

/// <summary>How far a comparison is.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Done">Runs done of this phase.</param>
/// <param name="Total">Runs of this phase.</param>
public readonly record struct ComparisonProgress(string Phase, int Done, int Total);
