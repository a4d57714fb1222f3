using System.Security.Cryptography;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>A signal comes from outside: it makes no store of a thread of the VMM visible.</summary>
public sealed class SignalOrderTests
{
    [Fact]
    public void A_store_that_is_buffered_stays_so()
    {
        var instance = CheckInstance.Resolve("tasks:vcpus=1,tasks=1") with { Order = MemoryOrdering.Tso };
        var script = new ChoiceScript();
        using var stepped = new SteppedMachine(
            new EncodingRegistry(BuiltInEncodings.All).Resolve("single-bit"), instance, script,
            new EventMask(MachineProperty.Of(instance)), null);
        var machine = stepped.Machine;
        var seen = new HashSet<string>();
        var open = new Stack<byte[]>([machine.StateInPlace.ToArray()]);
        var met = 0;
        while (open.TryPop(out var state) && seen.Count < 20_000)
        {
            for (var actor = 0; actor < machine.ActorCount; actor++)
            {
                machine.Restore(state);
                if (!machine.IsRunnable(actor))
                {
                    continue;
                }

                script.Reset();
                do
                {
                    machine.Restore(state);
                    machine.Step(actor);
                    if (seen.Add(Convert.ToHexString(SHA256.HashData(machine.StateInPlace))))
                    {
                        open.Push(machine.StateInPlace.ToArray());
                    }

                    var buffered = machine.SharedMemory.Committable(actor);
                    if (buffered > 0 && machine.CanSignal(0))
                    {
                        met++;
                        machine.Signal(0);
                        Assert.Equal(buffered, machine.SharedMemory.Committable(actor));
                    }
                }
                while (script.Advance());
            }
        }

        Assert.True(met > 0);
    }
}
