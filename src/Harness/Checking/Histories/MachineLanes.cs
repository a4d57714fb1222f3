using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Names of the actors.</summary>
internal static class MachineLanes
{
    public static IReadOnlyList<string> All(Machine machine) => [.. Enumerable.Range(0, machine.ActorCount).Select(actor => Name(machine, actor))];

    public static string Name(Machine machine, int actor) =>
        actor < machine.Shape.Vcpus ? $"vCPU {actor}"
        : actor < machine.DeviceActor ? $"I/O thread {actor - machine.Shape.Vcpus}"
        : actor == machine.DeviceActor ? "device"
        : actor == machine.PrefetchActor ? "prefetcher"
        : actor == machine.RearmActor ? (machine.Shape.Restores is null ? "re-arming thread" : "restore")
        : "KVM worker";

    /// <summary>For names of fields.</summary>
    public static string ShortName(Machine machine, int actor) => LaneNames.Short(All(machine))[actor];
}
