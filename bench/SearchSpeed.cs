using System.Diagnostics;
using System.Globalization;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Search;
using UapiLab.TestKit.Models;

namespace UapiLab.Bench;

/// <summary>One search of a model that SPIN can search too, from a fresh process like SPIN's own:
/// bench/spin/compare.sh.</summary>
internal static class SearchSpeed
{
    private const string Usage = "usage: search MODEL [--threads N] [--no-reduce]";

    public static int Run(string[] args)
    {
        IModel? model = null;
        var threads = 1;
        var reduce = true;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--no-reduce":
                    reduce = false;
                    break;
                case "--threads" when i + 1 < args.Length
                    && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out threads) && threads > 0:
                    i++;
                    break;
                case var name when model is null && SpinModels.All.FirstOrDefault(m => m.Name == name) is { } named:
                    model = named;
                    break;
                default:
                    return Complain();
            }
        }

        if (model is null)
        {
            return Complain();
        }

        var watch = Stopwatch.StartNew();
        var result = BreadthFirst.Run(model, new() { Threads = threads, Reduce = reduce, StopAtFirst = false });
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(Invariant(
            $"states={result.States} transitions={result.Transitions} seconds={seconds:F2} ")
                + Invariant($"states/s={result.States / seconds:F0} bytes/state={result.BytesPerState:F1}"));
        return 0;
    }

    private static int Complain()
    {
        Console.Error.WriteLine($"{Usage}; models: {string.Join(", ", SpinModels.All.Select(m => m.Name))}");
        return 2;
    }
}
