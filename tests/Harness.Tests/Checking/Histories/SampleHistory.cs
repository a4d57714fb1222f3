using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>A history made by hand: a READY that comes before its APF is set up.</summary>
internal static class SampleHistory
{
    public static History FourLanes { get; } = new()
    {
        Property = "lost-wakeup",
        PropertyDoc =
            "Whoever waits is woken: no state in which nobody has to take a step while a guest task is unfinished.",
        Outcome = "Nobody has to take another step, and a guest task waits for ever.",
        Encoding = "made-up:order=late",
        EncodingVersion = "1, layout 5f3a91c2",
        Instance = [new("vcpus", "2"), new("gfns", "2"), new("tasks", "1"), new("io", "1")],
        MachineVersion = "1",
        Lanes = ["vCPU 0", "vCPU 1", "I/O thread 0", "KVM worker", "guest task 0"],
        Steps =
        [
            Step(1, 0, "task 0 touches gfn 1, which is not mapped", null, null, [new("vcpu0.FaultGfn", "-", "1")],
                ["kvm_page_fault gfn 1"]),
            Step(2, 0, "load userfault_bitmap[0] = 0x2 (acquire)", "UserfaultBitmap.cs:20", "F2"),
            Step(3, 0, "KVM_RUN returns with a memory fault", null, null,
                [new("lock VcpuMutex vcpu0 owner", "vcpu0", "-")], ["kvm_userspace_exit gfn 1"]),
            Step(4, 1, "task 1 touches gfn 0; a hit", null, "M3"),
            Step(5, 2, "places the content of gfn 1", null, null, [new("content[gfn 1]", "no", "yes")]),
            Step(6, 2, "fetch_and userfault_bitmap[0] 0x2 -> 0x0 (release)", "UserfaultBitmap.cs:30", null,
                [new("userfault_bitmap[0]", "0x2", "0x0")]),
            Step(7, 2, "ioctl KVM_ASYNC_PF(gpa=0x1000, op=READY) on vCPU 0", "SomeVmmHalf.cs:31", null, choices: [1]),
            Step(8, 2, "FindApf gfn 1 on vCPU 0 = none", "SomeKvmHalf.cs:88", "A6", choices: [0, 2]),
            Step(9, 0, "SetUpApf gfn 1 on vCPU 0 = token 0x1000", "SomeKvmHalf.cs:52", "A4",
                [new("apf[0].Status", "Free", "Queued"), new("apf[0].Token", "0x0", "0x1000")]),
            Step(10, 0, "InjectNotPresent token 0x1000 on vCPU 0 = injected", "SomeKvmHalf.cs:57", "A5",
                [new("vcpu0.PfPending", "no", "yes")], ["kvm_async_pf_not_present token 0x1000"]),
            Step(11, 3, "wake vCPU 1 out of its halt; there is nothing for it to do", null, "A8",
                [new("vcpu1.thread.Blocked", "GuestHalt", "None")]),
            Step(12, 0, "task 0 sleeps until token 0x1000 is ready", null, null,
                [new("task0.Status", "Runnable", "Sleeping"), new("task0.Token", "0x0", "0x1000")]),
        ],
        InevitableFrom = 8,
        Waiting = [new(4, "READY of token 0x1000", "ioctl KVM_ASYNC_PF(gpa=0x1000, op=READY) after step 9"),
            new(0, "a runnable task", null)],
        BeyondArmV8 = null,
    };

    /// <summary>The same with no more lanes at work than a mail has columns for.</summary>
    public static History ThreeLanes { get; } = FourLanes with
    {
        Steps = [.. FourLanes.Steps.Where(s => s.Lane != 3).Select((s, i) => s with { Number = i + 1 })],
    };

    private static HistoryStep Step(int number, int lane, string text, string? source, string? rule,
        IReadOnlyList<FieldChange>? changes = null,
        IReadOnlyList<string>? events = null, int[]? choices = null) =>
        new(number, new(StepKind.Step, lane, [.. choices ?? []]), lane, text, source, rule, changes ?? [], events
            ?? []);
}
