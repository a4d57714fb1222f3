using System.Reflection;
using System.Runtime.Loader;

namespace UapiLab.Cli.Plugins;

/// <summary>What tells one build of some code from another.</summary>
internal static class CodeIdentity
{
    /// <summary>An assembly, what it refers to, and the runtime. An identity of a module changes with anything in it, a
    /// constant too, which the instructions of its methods do not show.</summary>
    public static string Of(Assembly from)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["runtime"] = Environment.Version.ToString(),
        };
        var open = new Stack<Assembly>([from]);
        while (open.TryPop(out var assembly))
        {
            if (!found.TryAdd(assembly.FullName!, assembly.ManifestModule.ModuleVersionId.ToString()))
            {
                continue;
            }

            foreach (var name in assembly.GetReferencedAssemblies())
            {
                // What comes with the runtime, the compiler, which only makes what is looked at here, and what carries
                // messages.
                if (name.Name is not { } n || n.StartsWith("System", StringComparison.Ordinal)
                    || n.StartsWith("Microsoft.", StringComparison.Ordinal)
                    || n.StartsWith("Orleans.", StringComparison.Ordinal) || n is "netstandard" or "mscorlib")
                {
                    continue;
                }

                try
                {
                    open.Push(AssemblyLoadContext.GetLoadContext(assembly)!.LoadFromAssemblyName(name));
                }
                catch (Exception e) when (e is IOException or BadImageFormatException)
                {
                    found.TryAdd(name.FullName, "not there");
                }
            }
        }

        return string.Join(' ', found.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
