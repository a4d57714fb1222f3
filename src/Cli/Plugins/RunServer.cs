using System.Text.Json;
using UapiLab.Cli.Compare;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>In a worker: does the runs of one encoding that it is asked for.</summary>
internal static class RunServer
{
    public static int Serve(WorkerSide worker, LabCatalog lab, CompareRequest request)
    {
        var orders = new RunOrders(lab.Encodings.Resolve(worker.Task.Serves!), lab.Workloads,
            PlanBuilder.Workloads(request, lab.Workloads, traceBytes: null, CancellationToken.None),
            PlanBuilder.Costs(request, CancellationToken.None));
        var repeated = new HashSet<VariationKey>();
        return worker.Serve<RunOrder, RemoteOutcome>(_ => "", order =>
            Answer(worker, orders, order, twice: repeated.Add(order.Workload)));
    }

    /// <param name="twice">Whether to run it again and compare: a clock, chance or a thread shows.</param>
    private static RemoteOutcome Answer(WorkerSide worker, RunOrders orders, RunOrder order, bool twice)
    {
        try
        {
            var once = Run(worker, orders, order);
            if (!twice || once.IsStuck)
            {
                return once;
            }

            var again = Run(worker, orders, order);
            return again.IsStuck || JsonSerializer.Serialize(once) == JsonSerializer.Serialize(again)
                ? again
                : new(null, "two runs of the same seed differ: the encoding is not deterministic");
        }
        catch (EncodingDefectException e)
        {
            return new(null, DefectText.Of(e));
        }
        catch (Exception e) when (e is not InputException)
        {
            return new(null, PluginFault.Describe(e));
        }
    }

    private static RemoteOutcome Run(WorkerSide worker, RunOrders orders, RunOrder order)
    {
        RunResult? result = null;
        var limits = worker.Task.Limits;
        worker.Watchdog.Beat("");
        var stuck = Stoppable.Run(() => result = orders.Run(order), TimeSpan.FromSeconds(limits.Seconds));
        return result is not null
            ? new(result, "")
            : new(null, Invariant($"no end after {limits.Seconds} s: {stuck}"), IsStuck: true);
    }
}
