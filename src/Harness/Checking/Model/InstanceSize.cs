using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Checking.Model;

/// <summary>A number that says how big a <see cref="CheckInstance"/> is or how much its environment may do: in its
/// parameters, in the instance's text, in the header of a history.</summary>
/// <param name="Name">As typed and printed.</param>
/// <param name="Low">Least.</param>
/// <param name="High">Most that the machine is made for.</param>
/// <param name="Get">Of an instance.</param>
/// <param name="Set">In an instance.</param>
internal sealed record InstanceSize(string Name, int Low, int High, Func<CheckInstance, int> Get, Func<CheckInstance,
    int, CheckInstance> Set)
{
    /// <summary>All, in the order in which they are printed.</summary>
    public static IReadOnlyList<InstanceSize> All { get; } =
    [
        new("vcpus", 1, 3, i => i.Vcpus, (i, n) => i with { Vcpus = n }),
        new("gfns", 1, 4, i => i.Gfns, (i, n) => i with { Gfns = n }),
        new("tasks", 1, 4, i => i.TasksPerVcpu, (i, n) => i with { TasksPerVcpu = n }),
        new("io-threads", 1, 2, i => i.IoThreads, (i, n) => i with { IoThreads = n }),
        new("queue-limit", 1, 4, i => i.ApfLimit, (i, n) => i with { ApfLimit = n }),
        new("prefetcher", 0, 1, i => i.Prefetcher ? 1 : 0, (i, n) => i with { Prefetcher = n == 1 }),
        new("rearms", 0, 2, i => i.Rearms, (i, n) => i with { Rearms = n }),
        new("signals", 0, 1, i => i.Environment.Signals,
            (i, n) => i with { Environment = i.Environment with { Signals = n } }),
        new("refused-injections", 0, 1, i => i.Environment.RefusedInjections,
            (i, n) => i with { Environment = i.Environment with { RefusedInjections = n } }),
        new("failed-copies", 0, 1, i => i.Environment.FailedCopies,
            (i, n) => i with { Environment = i.Environment with { FailedCopies = n } }),
        new("careless-reentries", 0, 1, i => i.Environment.CarelessReentries,
            (i, n) => i with { Environment = i.Environment with { CarelessReentries = n } }),
        new("repeated-ioctls", 0, 1, i => i.Environment.RepeatedIoctls,
            (i, n) => i with { Environment = i.Environment with { RepeatedIoctls = n } }),
        new("hostile-acts", 0, 2, i => i.Environment.HostileActs,
            (i, n) => i with { Environment = i.Environment with { HostileActs = n } }),
    ];

    /// <summary>The one of this name.</summary>
    public static InstanceSize OfName(string place, string name) => All.FirstOrDefault(s => s.Name == name)
        ?? throw Unknown.Word(place, "size", name, [.. All.Select(s => s.Name)]);

    /// <summary>Its value in a text.</summary>
    public int Read(string place, string text) => (int)new OptionText(place, Name, text).Integer(Low, High);
}
