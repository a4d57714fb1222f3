using System.CommandLine;

namespace UapiLab.Cli;

/// <summary>Entry point of the <c>uapilab</c> command.</summary>
internal static class Program
{
    private const int Success = 0;
    private const int UsageError = 2;

    private static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    /// <summary>Runs one command line, writing only to the given writers; returns the exit code.</summary>
    internal static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Simulates and checks fault-encoding proposals.");
        root.SetAction(_ => Success);

        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // The library's default prints the whole help on standard output and exits 1.
            foreach (var problem in parsed.Errors)
            {
                error.WriteLine($"uapilab: {problem.Message}");
            }

            return UsageError;
        }

        return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error });
    }
}
