using System.Diagnostics;
using System.Globalization;
using UapiLab.Harness.Checking;
using UapiLab.Bench.Models;

namespace UapiLab.Bench;

/// <summary><c>search MODEL THREADS [reduce]</c>: one search of a toy model, one line of figures, for bench/spin/compare.sh.</summary>
internal static class Search
{
    public static void Run(string[] args)
    {
        ToyModel model = args[0] switch
        {
            "counters" => new Counters(2_000),
            "userfault" => new UserfaultToy(),
            "lost-wakeup" => new LostWakeupToy(),
            _ => throw new ArgumentException($"{args[0]}: expected counters, userfault or lost-wakeup"),
        };
        var clock = Stopwatch.StartNew();
        var result = BreadthFirst.Run(model, new() { Threads = int.Parse(args[1], CultureInfo.InvariantCulture), Reduce = args.Contains("reduce") });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.States} states {result.Transitions} transitions {clock.Elapsed.TotalSeconds:F2} s {result.States / clock.Elapsed.TotalSeconds:F0} states/s {result.BytesPerState:F1} B/state depth {result.Depth}"));
    }
}
