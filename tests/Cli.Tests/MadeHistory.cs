using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Cli.Tests;

/// <summary>Histories made by hand, of any length: faults that an I/O thread resolves, the last one wrongly.</summary>
internal static class MadeHistory
{
    private const int Round = 12;

    /// <param name="steps">How many.</param>
    /// <param name="text">Stands in every text.</param>
    public static History Of(int steps, string text = "")
    {
        HistoryStep[] all = [.. Enumerable.Range(1, steps).Select(n => Step(n, n == steps, text))];
        return new()
        {
            Property = "lost-wakeup" + text,
            PropertyDoc = "Whoever waits is woken." + text,
            Outcome = "A guest task waits for ever." + text,
            Encoding = "made-up" + text,
            EncodingVersion = "1" + text,
            MachineVersion = "1",
            Instance = [new("vcpus", "1" + text)],
            Lanes = ["vCPU 0", "I/O thread 0", "device" + text],
            Steps = all,
            InevitableFrom = Math.Max(0, steps - 3),
            Waiting = [new(0, "a page" + text, "its arrival" + text)],
            BeyondArmV8 = "a behaviour" + text,
        };
    }

    private static HistoryStep Step(int number, bool isLast, string text)
    {
        var gfn = number / Round;
        var step = new HistoryStep(number, new(StepKind.Step, 0, []), 0, "guest computes" + text, null, null, [], []);
        HistoryStep Io(string what) => step with { Lane = 1, Text = what + text };
        if (isLast)
        {
            return step with { Text = "KVM: page-ready" + text, Events = ["VIOLATION: LostWakeup" + text] };
        }

        return (number % Round) switch
        {
            1 => step with { Text = "guest runs" + text, Events = [Invariant($"kvm_page_fault gfn {gfn}") + text] },
            2 => step with { Text = "load bitmap[0] = 0x1 (acquire)" + text, Source = "Made.cs:2" + text, Rule = "F2" },
            3 => step with
            {
                Text = "KVM: KVM_RUN returns" + text,
                Events = [Invariant($"kvm_userspace_exit gfn {gfn}")],
            },
            4 => step with
            {
                Text = "VMM: starts the fetch" + text,
                Changes = [new("io0.Blocked", "Idle", "None"), new("vcpu0.Fetch" + text, "-", "fetch0" + text)],
            },
            5 => Io("fetch_and bitmap[0] with 0xfe: 0x1 -> 0x0 (release)") with
            {
                Source = "Made.cs:2,4",
                Changes = [new("bitmap[0]", "0x1", "0x0")],
            },
            6 => Io("ioctl READY on vCPU 0, argument 0x1000"),
            7 => step with { Text = "VMM calls KVM_RUN" + text },
            8 => step with { Text = "load bitmap[0] = 0x0" + text, Source = "Made.cs:3" },
            9 => step with { Text = "KVM: requests" + text, Events = ["kvm_inj_virq token 0x1000", "kvm_entry"] },
            10 => step with { Text = "guest handles the interrupt" + text, Events = ["kvm_msr ASYNC_PF_ACK"] },
            11 => Io("store bitmap[0] := 0x1") with { Changes = [new("bitmap[0]", "0x0", "0x1")] },
            _ => step,
        };
    }
}
