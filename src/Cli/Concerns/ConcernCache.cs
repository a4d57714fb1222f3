using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Concerns;

/// <summary>Cells decided before. Their key is all that can change a verdict: the question, the names with their
/// options, the seed, and every module whose code has a part in it.</summary>
internal sealed class ConcernCache(OutputFolder folder, string directory, ulong seed, IReadOnlyList<Encoding> rivals,
    WorkloadCatalog workloads)
{
    private const string Folder = "cells";

    private readonly string _tool = Modules(typeof(ConcernCache).Assembly);

    /// <returns>Null if it was not decided, or what was kept is damaged.</returns>
    public ConcernCell? Find(Encoding encoding, IConcern concern)
    {
        var path = Path.Combine(directory, NameOf(encoding, concern));
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return ConcernsJson.Read(InputFile.Read(path, "a cell", CancellationToken.None)) is { } cell
                && cell.Concern == concern.Id && cell.Encoding == encoding.Description.FullName ? cell : null;
        }
        catch (InputException)
        {
            return null;
        }
    }

    public void Keep(Encoding encoding, IConcern concern, ConcernCell cell) =>
        folder.Write(NameOf(encoding, concern), ConcernsJson.Write(cell));

    public void Forget(Encoding encoding, IConcern concern)
    {
        var path = Path.Combine(directory, NameOf(encoding, concern));
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private string NameOf(Encoding encoding, IConcern concern) =>
        Path.Combine(Folder, $"{Key(encoding, concern)}.json");

    private string Key(Encoding encoding, IConcern concern)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text + "\n"));

        Add(concern.Id);
        Add(Invariant($"{seed}"));
        Add(_tool);
        Add(Modules(concern.GetType().Assembly));
        if (concern is not Concern)
        {
            // Its plugin may have brought workloads for it too.
            foreach (var family in workloads.All)
            {
                Add($"{family.Id}:{string.Join(',', family.Options.Select(o => $"{o.Name}={o.Default}"))}");
            }
        }

        foreach (var one in concern is Concern { LooksAtRivals: true } ? [encoding, .. rivals] : new[] { encoding })
        {
            Add(one.Description.FullName);
            foreach (var version in one.Versions)
            {
                Add(Modules(version.GetType().Assembly));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>An assembly, what it refers to, and the runtime. An identity of a module changes with anything in it, a
    /// constant too, which the instructions of its methods do not show.</summary>
    internal static string Modules(Assembly from)
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
                // What comes with the runtime, and the compiler, which only makes what is looked at here.
                if (name.Name is not { } n || n.StartsWith("System", StringComparison.Ordinal)
                    || n.StartsWith("Microsoft.", StringComparison.Ordinal) || n is "netstandard" or "mscorlib")
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
