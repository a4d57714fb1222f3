using System.Security.Cryptography;
using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
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

    private readonly string _tool = CodeIdentity.Of(typeof(ConcernCache).Assembly);

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
        Add(concern is DescribedConcern brought ? brought.Code.Version : CodeIdentity.Of(concern.GetType().Assembly));
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
                Add(DescribedEncoding.CodeOf(version)?.Version ?? CodeIdentity.Of(version.GetType().Assembly));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
