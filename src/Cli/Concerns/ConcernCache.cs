using System.Reflection;
using System.Security.Cryptography;
using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Concerns;

/// <summary>Cells decided before, by content: the harness, the contract, and the code of the encoding's own namespace
/// and of what encodings share; of a plugin all its code.</summary>
internal sealed class ConcernCache(string directory, ulong seed, IReadOnlyList<Encoding> rivals,
    WorkloadCatalog workloads)
{
    private readonly string _folder = Path.Combine(directory, "cells");

    public ConcernCell? Find(Encoding encoding, IConcern concern) =>
        File.Exists(PathOf(encoding, concern)) ? ConcernsJson.Read(File.ReadAllText(PathOf(encoding, concern))) : null;

    public void Keep(Encoding encoding, IConcern concern, ConcernCell cell)
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(PathOf(encoding, concern), ConcernsJson.Write(cell));
    }

    private string PathOf(Encoding encoding, IConcern concern) =>
        Path.Combine(_folder, $"{Key(encoding, concern)}.json");

    private string Key(Encoding encoding, IConcern concern)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, concern.Id);
        Add(hash, Invariant($"{seed}"));
        Add(hash, typeof(Concern).Module.ModuleVersionId.ToString());
        Add(hash, typeof(Encoding).Module.ModuleVersionId.ToString());
        if (concern is not Concern)
        {
            // Its plugin may have brought workloads for it too.
            Add(hash, concern is DescribedConcern brought ? brought.Code.Version
                : concern.GetType().Module.ModuleVersionId.ToString());
            foreach (var family in workloads.All)
            {
                Add(hash, $"{family.Id}:{string.Join(',', family.Options.Select(o => $"{o.Name}={o.Default}"))}");
            }
        }

        foreach (var one in concern is Concern { LooksAtRivals: true } ? [encoding, .. rivals] : new[] { encoding })
        {
            Add(hash, one.Description.FullName);
            AddCode(hash, one);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void AddCode(IncrementalHash hash, Encoding encoding)
    {
        if (DescribedEncoding.CodeOf(encoding) is { } elsewhere)
        {
            Add(hash, elsewhere.Version);
            return;
        }

        var type = (encoding is VersionPair pair ? pair.Newer : encoding).GetType();
        foreach (var part in type.Assembly.GetTypes().Where(t => IsPartOf(t, type))
            .OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            Add(hash, part.FullName!);
            foreach (var method in part.GetMethods(
                BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
                | BindingFlags.Public | BindingFlags.NonPublic)
                .OrderBy(m => m.ToString(), StringComparer.Ordinal))
            {
                Add(hash, method.ToString()!);
                hash.AppendData(method.GetMethodBody()?.GetILAsByteArray() ?? []);
            }
        }
    }

    private static bool IsPartOf(Type part, Type encoding) =>
        part.Namespace is { } shared
            && (shared == encoding.Namespace
            || encoding.Namespace?.StartsWith(shared + ".", StringComparison.Ordinal) == true);

    private static void Add(IncrementalHash hash, string text) =>
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
}
