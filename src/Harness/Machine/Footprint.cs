using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>Which steps another actor may notice.</summary>
internal static class Footprint
{
    /// <summary>Steps of a vCPU thread outside the encoding.</summary>
    public static bool IsNoticed(VcpuStep step) => step is not (
        VcpuStep.GuestNotPresent or VcpuStep.FaultCheck or VcpuStep.LookupSleep or VcpuStep.RunEntry or VcpuStep.ReadyDelivered
        or VcpuStep.BeforeHalt or VcpuStep.QueueClearing or VcpuStep.QueueCleared or VcpuStep.RunReturn or VcpuStep.VmmBoundedWait
        or VcpuStep.VmmOnExit or VcpuStep.VmmLocalFetch or VcpuStep.VmmWaitFetch);

    public static bool IsNoticed(int actor, Machine machine) => machine.Actors[actor].Step is not (ServiceStep.Publish or ServiceStep.Eventfd or ServiceStep.Work);
}
