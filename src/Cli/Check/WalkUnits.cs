using UapiLab.Abstractions;
using UapiLab.Cli.Shards;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cli.Check;

/// <summary>Random schedules in units: a chunk of the runs of an encoding on an instance is one.</summary>
internal sealed class WalkUnits
{
    private readonly Dictionary<(string Encoding, string Instance), int> _first = [];
    private readonly SortedDictionary<int, WalkResult> _done = [];
    private readonly IReadOnlyDictionary<int, WalkResult> _known;
    private readonly ShardedWork _work;
    private readonly int _chunks;

    private WalkUnits(CheckRequest request, IEnumerable<Encoding> encodings, WalkOptions options)
    {
        IsPart = request.Shards.Shard is not null;
        _chunks = Checker.ChunksOf(options);
        List<string> units = [];
        foreach (var encoding in encodings)
        {
            foreach (var instance in request.InstancesFor(encoding))
            {
                _first.TryAdd(Key(encoding, instance), units.Count);
                units.AddRange(Enumerable.Range(1, _chunks).Select(chunk => Invariant(
                    $"chunk {chunk} of {_chunks} of {encoding.Description.FullName} on {instance.Name}")));
            }
        }

        _work = new(request.Shards, request.WalkWords, units, ("seed", Invariant($"{options.Seed}")),
            ShardedWork.Content("plugins", request.Plugins));
        _known = _work.Known<WalkResult>(isWhole: false);
        foreach (var key in request.Shards.Files.Count > 0 ? _first.Keys.ToArray() : [])
        {
            // What is missing is said before anything is written.
            _ = Known(key).Count();
        }
    }

    /// <summary>Whether some are to be done, and not all put together.</summary>
    public bool IsPart { get; }

    /// <returns>Null where there are no shards.</returns>
    /// <exception cref="InputException">A search is to be done in shards, or the shards are of another run.</exception>
    public static WalkUnits? Of(CheckRequest request, IReadOnlyList<Encoding> encodings) =>
        request.Shards.Shard is null && request.Shards.Files.Count == 0 ? null
        : request.Random is { } options ? new(request, encodings, options)
        : throw new InputException($"--shard {request.Shards.Shard}", "expected --random too: a search is one unit");

    /// <summary>Does those of one encoding and instance that are the shard's, up to one that breaks something: which
    /// of those behind it are done depends on who was faster.</summary>
    public void Do(Encoding encoding, CheckInstance instance, WalkOptions options, Func<bool> stop)
    {
        var first = _first[Key(encoding, instance)];
        foreach (var (chunk, result) in Checker
            .WalkChunks(encoding, instance, options, chunk => _work.Takes(first + chunk), stop).Index())
        {
            if (result is null)
            {
                continue;
            }

            _done[first + chunk] = result;
            if (result.FirstBroken >= 0)
            {
                break;
            }
        }
    }

    /// <summary>All of one encoding and instance, in their order, up to one that breaks something.</summary>
    /// <exception cref="InputException">One before that is missing.</exception>
    public IEnumerable<WalkResult> Known(Encoding encoding, CheckInstance instance) => Known(Key(encoding, instance));

    private IEnumerable<WalkResult> Known((string Encoding, string Instance) key)
    {
        var first = _first[key];
        for (var unit = first; unit < first + _chunks; unit++)
        {
            var result = _known.GetValueOrDefault(unit) ?? throw new InputException(ShardRequest.Merging,
                Invariant($"expected a result of unit {unit} in one of the shards"));
            yield return result;
            if (result.FirstBroken >= 0)
            {
                yield break;
            }
        }
    }

    /// <summary>Writes what is done.</summary>
    public int Write(Terminal terminal, CheckRequest request, int exit) =>
        exit != ExitCode.Fine && exit != ExitCode.Undecided ? exit
            : _work.Write(terminal, request.Directory, request.Quiet, _done);

    private static (string Encoding, string Instance) Key(Encoding encoding, CheckInstance instance) =>
        (encoding.Description.FullName, instance.Name);
}
