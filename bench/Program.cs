using BenchmarkDotNet.Running;

namespace UapiLab.Bench;

/// <summary>Entry point: <c>dotnet run -c Release --project bench -- --filter '*'</c>, or <c>-- search MODEL --threads N</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is ["search", .. var rest])
        {
            return SearchSpeed.Run(rest);
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
