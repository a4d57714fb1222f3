using BenchmarkDotNet.Running;

namespace UapiLab.Bench;

/// <summary>Entry point: <c>dotnet run -c Release --project bench -- --filter '*'</c>.</summary>
internal static class Program
{
    private static void Main(string[] args)
    {
        if (args is ["search", .. var rest])
        {
            Search.Run(rest);
            return;
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    }
}
