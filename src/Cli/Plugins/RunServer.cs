using System.Text.Json;
using UapiLab.Cli.Compare;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Simulation;
using UapiLab.Plugins;

namespace UapiLab.Cli.Plugins;

/// <summary>In a worker: one order a line in, one answer a line out, until there are no more.</summary>
internal static class RunServer
{
    public static int Serve(LabCatalog lab, CompareRequest request, string encoding, PluginLimits limits)
    {
        // Standard output is the answers'; a plugin that prints shall not spoil them.
        using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true, NewLine = "\n" };
        Console.SetOut(Console.Error);
        var plan = PlanBuilder.Build(request, lab);
        var orders = new RunOrders(lab.Encodings.Resolve(encoding), lab.Workloads, plan.Workloads, plan.Costs);
        var repeated = new HashSet<VariationKey>();
        while (Console.In.ReadLine() is { } line)
        {
            var order = JsonSerializer.Deserialize<RunOrder>(line)!;
            answers.WriteLine(
                JsonSerializer.Serialize(Answer(orders, order, limits, twice: repeated.Add(order.Workload))));
        }

        return ExitCode.Fine;
    }

    /// <param name="twice">Whether to run it again and compare: a clock, chance or a thread shows.</param>
    private static RemoteOutcome Answer(RunOrders orders, RunOrder order, PluginLimits limits, bool twice)
    {
        try
        {
            var once = Run(orders, order, limits);
            if (!twice || once.IsStuck)
            {
                return once;
            }

            var again = Run(orders, order, limits);
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

    private static RemoteOutcome Run(RunOrders orders, RunOrder order, PluginLimits limits)
    {
        RunResult? result = null;
        var stuck = Stoppable.Run(() => result = orders.Run(order), TimeSpan.FromSeconds(limits.Seconds));
        return result is not null
            ? new(result, "")
            : new(null, Invariant($"no end after {limits.Seconds} s: {stuck}"), IsStuck: true);
    }
}
