namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with an encoding that injects at the fault and is told afterwards. The default is
/// right.</summary>
/// <param name="CompletesAtReentry">False: KVM_RUN does not complete what was neither accepted nor completed.</param>
/// <param name="AddsWaiterFirst">False: the APF is accepted before its waiter is entered in the book.</param>
/// <param name="GpaPerWaiter">False: READY is sent for the vCPU's last exit, not for the frame the waiter waits
/// for.</param>
internal sealed record AtFaultFault(bool CompletesAtReentry = true, bool AddsWaiterFirst = true,
    bool GpaPerWaiter = true);
