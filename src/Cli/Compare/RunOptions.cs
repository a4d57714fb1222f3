using UapiLab.Cli.Commands;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Compare;

/// <summary>Options of every command that runs the simulator.</summary>
internal static class RunOptions
{
    public static HostProfile Host(Arguments args) => args.Parsed(
        "--host",
        "HOST",
        "Kind of host whose prices are charged (uapilab list).",
        HostProfile.Named,
        absent: HostProfile.Default.Id,
        completions: [.. HostProfile.All.Select(h => h.Id)]) ?? HostProfile.Default;

    public static VmmPolicy? Policy(Arguments args) => args.Parsed<VmmPolicy?>(
        "--policy",
        "POLICY",
        $"Policy in place of the workload's own: {PolicyText.Form}.",
        text => PolicyText.TryParse(text, out var policy) ? policy
            : throw new InputException($"--policy {text}", "expected " + PolicyText.Form),
        completions: ["resolve", "reenter", "wait(10us)"]);
}
