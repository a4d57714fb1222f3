using UapiLab.Abstractions;
using UapiLab.Cli.Bench;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Plugins;

namespace UapiLab.Bench;

/// <summary>What <c>full</c> was asked to measure. Static, since BenchmarkDotNet makes the benchmarks itself; it runs
/// them in this process, where a plugin is loaded already.</summary>
internal static class Chosen
{
    private const string DefaultCompiler = "gcc";

    private static IReadOnlyList<Encoding> s_encodings = BenchRequest.Chosen([], new(BuiltInEncodings.All));
    private static CBaseline? s_baseline;

    /// <summary>Full names of all of them.</summary>
    public static IEnumerable<string> Names => s_encodings.Select(e => e.Description.FullName);

    /// <summary>Of those that have words.</summary>
    public static IEnumerable<string> NamesWithWords =>
        s_encodings.Where(WordsBench.Has).Select(e => e.Description.FullName);

    /// <summary>The C loops, compiled when they are first wanted, once for all rows.</summary>
    public static CBaseline C => s_baseline ??= CBaseline.Compile(DefaultCompiler);

    /// <summary>One of them; always the same object, so that it keeps its compiled loops.</summary>
    public static Encoding Encoding(string name) => s_encodings.Single(e => e.Description.FullName == name);

    /// <summary>Takes what it knows from a command line, and returns the rest, which is BenchmarkDotNet's.</summary>
    /// <exception cref="InputException">There is no such encoding, plugin or compiler.</exception>
    public static string[] Choose(string[] args)
    {
        var names = new List<string>();
        var plugins = new List<string>();
        var rest = new List<string>();
        var compiler = DefaultCompiler;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--plugin":
                    plugins.Add(Value(args, i++));
                    break;
                case "--cc":
                    compiler = Value(args, i++);
                    break;
                case ['-', ..]:
                    rest.AddRange(args[i..]);
                    i = args.Length;
                    break;
                case var name:
                    names.Add(name);
                    break;
            }
        }

        s_encodings =
            BenchRequest.Chosen(names,
                new([.. BuiltInEncodings.All, .. PluginFiles.Load(plugins, "artifacts/plugins")
                .SelectMany(p => p.Families)]));
        s_baseline = CBaseline.Compile(compiler);
        return [.. rest];
    }

    private static string Value(string[] args, int option) => option + 1 < args.Length
        ? args[option + 1]
        : throw new InputException(args[option], "expected a value after it");
}
