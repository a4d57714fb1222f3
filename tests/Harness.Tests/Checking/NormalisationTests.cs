using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Reduction;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A machine goes on from the normal form of a state as from the state itself: two machines that take the same
/// random schedule and answers do the same, although one is normalised after every step. A live register that
/// <see cref="Normalisation"/> clears fails here.</summary>
public sealed class NormalisationTests
{
    private const int Runs = 150, Steps = 400;

    public static TheoryData<string> Specs => new(
        "never-async", "single-bit", "single-bit:variant=as-posted", "multi-bit", "multi-bit:layout=split",
            "async-hint", "async-hint:inject=at-fault", "oracle");

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_normal_state_goes_on_as_the_state_itself(string spec)
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);
        AssertAlike(encoding, new CheckInstance
        {
            Symmetric = false,
            Environment = new()
            {
                Signals = 1,
                RefusedInjections = 1,
                FailedCopies = 1,
                CarelessReentries = 1,
                RepeatedIoctls = 1,
                Resets = 1,
                DroppedEvents = 1,
                Prefaults = 1,
            },
        });
    }

    [Theory]
    [InlineData("kvm-writes:gfns=2")]
    [InlineData("stale-run")]
    [InlineData("private:gfns=2")]
    [InlineData("area-beside")]
    public void So_does_one_of_memory_as_it_is(string instance) => Assert.All(["single-bit", "async-hint"], spec =>
        AssertAlike(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec),
            CheckInstance.Resolve(instance) with { Symmetric = false }));

    private static void AssertAlike(Encoding encoding, CheckInstance instance)
    {
        var plain = new Side(encoding, instance);
        var normal = new Side(encoding, instance);
        var start = plain.Machine.Save();
        var events = 0;
        for (var run = 0; run < Runs; run++)
        {
            plain.Machine.Restore(start);
            normal.Machine.Restore(start);
            var random = new Random(run);
            for (var step = 0; step < Steps; step++)
            {
                var runnable = Enumerable.Range(0, plain.Machine.ActorCount).Where(plain.Machine.IsRunnable).ToArray();
                Assert.Equal(runnable, Enumerable.Range(0, normal.Machine.ActorCount).Where(normal.Machine.IsRunnable));
                if (runnable.Length == 0)
                {
                    break;
                }

                var actor = runnable[random.Next(runnable.Length)];
                var answers = random.Next();
                Assert.Equal(plain.Step(actor, answers), normal.Step(actor, answers));
                events += plain.Events;
                normal.Normalise();
            }
        }

        Assert.True(events > Runs, "hardly anything happened");
        plain.Machine.Dispose();
        normal.Machine.Dispose();
    }

    /// <summary>A machine whose choices are answered from one number a step.</summary>
    private sealed class Side : IMachineObserver
    {
        private readonly ChoiceScript _script = new();
        private readonly SteppedMachine _stepped;
        private readonly List<string> _happened = [];
        private Random _answers = new(0);

        public Side(Abstractions.Encoding encoding, CheckInstance instance)
        {
            _stepped = new(encoding, instance, _script, this, null);
            _script.Pick = n => _answers.Next(n);
        }

        public Machine Machine => _stepped.Machine;

        public int Events => _happened.Count;

        /// <returns>What happened, tokens aside: which of them is the lowest unused depends on what is dead.</returns>
        public string Step(int actor, int seed)
        {
            _answers = new Random(seed);
            _happened.Clear();
            Machine.Step(actor);
            return string.Join(' ', _happened);
        }

        public void Normalise() => _stepped.Normalisation.Apply();

        public void On(in MachineEvent e)
        {
            if (e.Kind is not (MachineEventKind.ApfHalt or MachineEventKind.KvmUserspaceExit)
                || e.Kind == MachineEventKind.KvmUserspaceExit)
            {
                _happened.Add($"{e.Kind} {e.Vcpu}");
            }
        }
    }
}
