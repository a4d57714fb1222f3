using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Vmm;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation.Workloads;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>State saved with faults outstanding and operations in the middle of an access goes on in another machine as
/// if nothing had happened.</summary>
public sealed class SaveRestoreTests
{
    public static TheoryData<string> Specs =>
        ["never-async", "single-bit", "multi-bit", "multi-bit:layout=split,bits=4", "async-hint",
            "async-hint:inject=at-fault"];

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_run_goes_on_in_another_machine(string spec)
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);
        var workload = WorkloadCatalog.BuiltIn.Resolve("post-copy:vcpus=3,pages=40,policy=wait(0ns)");
        using var original = New(encoding, workload, out var order);
        using var copy = New(encoding, workload, out var copyOrder);
        var outstanding = 0;
        while (original.LiveVcpus > 0)
        {
            for (var i = 0; i < 25 && original.LiveVcpus > 0; i++)
            {
                order.Next(original);
            }

            outstanding = Math.Max(outstanding, Enumerable.Range(0, 3).Sum(v => original.Vcpus[v].Queued));
            var saved = original.Save();
            copy.Restore(saved);
            copyOrder.CopyFrom(order);
            var probe = new Turns();
            probe.CopyFrom(order);
            for (var i = 0; i < 25 && copy.LiveVcpus > 0; i++)
            {
                copyOrder.Next(copy);
                probe.Next(original);
            }

            Assert.Equal(original.Save(), copy.Save());
            order.CopyFrom(probe);
        }

        Assert.Equal(0, original.LiveVcpus);
        Assert.True(spec == "never-async" || outstanding > 0, "no fault was ever outstanding at a save");
    }

    private static Machine New(Encoding encoding, Workload workload, out Turns turns)
    {
        turns = new Turns();
        var world = new World(workload);
        var machine = new Machine(workload.Config, encoding, workload.Program(1), world, world, world, new StepClock());
        world.Attach(machine);
        machine.Clock.Horizon = long.MinValue;
        return machine;
    }

    /// <summary>Round robin over the actors that can step.</summary>
    private sealed class Turns
    {
        private int _last;
        private int _taken;

        public void Next(Machine machine)
        {
            var tries = 0;
            do
            {
                _last = (_last + 1) % machine.ActorCount;
                Assert.True(tries++ < machine.ActorCount, "nobody can take a step, yet the guest has not ended");
            }
            while (!machine.IsRunnable(_last));

            Assert.True(++_taken < 200_000, "the guest does not end");
            machine.Step(_last);
        }

        public void CopyFrom(Turns other) => _last = other._last;
    }

    private sealed class World(Workload workload) : IChoices, IDriver, IMachineObserver
    {
        private Machine? _machine;

        public void Attach(Machine to) => _machine = to;

        public int Choose(ChoiceKind kind, ulong key, int n)
        {
            if (kind != ChoiceKind.FetchCompletes)
            {
                return workload.Choose(1, kind, key);
            }

            var fetchTable = _machine!.FetchTable;
            return Enumerable.Range(0, fetchTable.Capacity)
                .First(fetch => fetchTable[fetch].Status == FetchStatus.Issued);
        }

        public void On(in MachineEvent e) { }
    }
}
