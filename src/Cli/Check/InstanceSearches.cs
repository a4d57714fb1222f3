using System.Diagnostics;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Cli.Check;

/// <summary>The searches of an encoding's instances, side by side: two of them get more from two threads than one does.
/// What comes of them is the same, and is given in the order of the instances.</summary>
/// <param name="instances">Which.</param>
/// <param name="threads">In all.</param>
/// <param name="search">Does one.</param>
/// <param name="cancellation">Ends them.</param>
internal sealed class InstanceSearches(IReadOnlyList<CheckInstance> instances, int threads,
    Func<CheckInstance, SearchSeat, CheckOutcome> search, CancellationToken cancellation)
{
    /// <summary>What comes of each. Who asks for no more of them ends the rest.</summary>
    public IEnumerable<Searched> InOrder()
    {
        var share = new ThreadShare(threads, instances.Count);
        var results = instances.Select(_ => new TaskCompletionSource<Searched>()).ToArray();
        using var end = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, end.Token);
        var next = -1;
        var awaited = 0;
        void Work()
        {
            while (!end.IsCancellationRequested && Interlocked.Increment(ref next) is var i && i < instances.Count)
            {
                try
                {
                    results[i].SetResult(
                        One(instances[i], new(share.Now, () => Volatile.Read(ref awaited) == i, either.Token)));
                }
                catch (Exception e)
                {
                    results[i].SetException(e);
                }

                share.Done();
            }
        }

        var workers = Enumerable.Range(0, share.AtOnce)
            .Select(_ => Task.Factory.StartNew(Work, TaskCreationOptions.LongRunning)).ToArray();
        try
        {
            foreach (var result in results)
            {
                yield return result.Task.GetAwaiter().GetResult();
                Interlocked.Increment(ref awaited);
            }
        }
        finally
        {
            end.Cancel();
            Task.WaitAll(workers, CancellationToken.None);
        }
    }

    private Searched One(CheckInstance instance, SearchSeat seat)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            return new(instance, search(instance, seat), null, clock.Elapsed);
        }
        catch (EncodingDefectException e)
        {
            return new(instance, null, e, clock.Elapsed);
        }
    }
}

/// <summary>What a search has to itself.</summary>
/// <param name="ThreadsNow">Asked before each batch: on how many threads.</param>
/// <param name="IsAwaited">Whether it is the first that is not done.</param>
/// <param name="End">When to end early.</param>
internal sealed record SearchSeat(Func<int> ThreadsNow, Func<bool> IsAwaited, CancellationToken End);

/// <summary>What came of an instance.</summary>
/// <param name="Instance">Which.</param>
/// <param name="Outcome">Null if the encoding breaks the contract.</param>
/// <param name="Defect">How it breaks it.</param>
/// <param name="Elapsed">What it took.</param>
internal sealed record Searched(CheckInstance Instance, CheckOutcome? Outcome, EncodingDefectException? Defect,
    TimeSpan Elapsed);
