using BenchmarkDotNet.Running;
using UapiLab.Harness.Foundation;
using UapiLab.Plugins;

namespace UapiLab.Bench;

/// <summary>Entry point: <c>-- --full [ENCODING…] [--plugin PATH]… [--cc PROGRAM] [options of BenchmarkDotNet]</c>, or
/// <c>-- search MODEL --threads N</c>, or <c>-- verdicts</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["search", .. var rest]:
                    return SearchSpeed.Run(rest);
                case ["verdicts"]:
                    return Verdicts.Run(Console.In);
                case ["--full", .. var rest]:
                    args = Chosen.Choose(rest);
                    args = args.Contains("--filter") ? args : [.. args, "--filter", "*"];
                    break;
            }
        }
        catch (Exception e) when (e is InputException or PluginSourceException)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
