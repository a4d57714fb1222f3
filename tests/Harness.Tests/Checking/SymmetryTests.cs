using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Reduction;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>Renaming vCPUs, frames and tasks commutes with every step: what the machine can do from a renamed state is
/// what it can do from the state itself, renamed. A field that <see cref="Renaming"/> forgets fails here.</summary>
public sealed class SymmetryTests
{
    private const int StatesToTry = 1_500;

    public static TheoryData<string> Specs => new(
        "never-async", "single-bit", "single-bit:variant=as-posted", "multi-bit", "multi-bit:layout=split",
            "multi-bit:bits=8",
        "async-hint", "async-hint:inject=at-fault", "oracle", "exitless:ring=2", "exitless:ring=1,notify=always");

    [Theory]
    [MemberData(nameof(Specs))]
    public void Steps_of_a_renamed_state_are_the_renamed_steps(string spec) => Compare(spec, new CheckInstance
    {
        Symmetric = false,
        CoalescesInvisible = false,
        Environment = new()
        {
            Signals = 1,
            RefusedInjections = 1,
            FailedCopies = 1,
            CarelessReentries = 1,
            Resets = 1,
            DroppedEvents = 1,
            Prefaults = 1,
        },
    });

    /// <summary>One frame is tracked and one is not, so that the names of a first state are not free.</summary>
    [Theory]
    [InlineData("single-bit:version=v2")]
    [InlineData("multi-bit:bits=4,version=v2")]
    [InlineData("async-hint:version=v2")]
    [InlineData("async-hint:kvm=v2")]
    public void So_are_those_of_tracked_frames(string spec) =>
        Compare(spec, CheckInstance.Skew with { Symmetric = false, CoalescesInvisible = false }, framesAreAlike: false);

    /// <summary>Frames that KVM filled, private ones, and what a ready keeps of its fault.</summary>
    [Theory]
    [InlineData("kvm-writes:gfns=2", "single-bit")]
    [InlineData("kvm-writes:gfns=2", "async-hint")]
    [InlineData("private:gfns=2", "single-bit:variant=as-posted")]
    [InlineData("private:gfns=2", "async-hint")]
    public void So_are_those_of_memory_as_it_is(string instance, string spec) => Compare(spec,
        CheckInstance.Resolve(instance) with { Symmetric = false, CoalescesInvisible = false });

    private static void Compare(string spec, CheckInstance instance, bool framesAreAlike = true)
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(spec);
        using var worker = new MachineWorker(encoding, instance);
        var sink = new Collector();
        worker.Initial(sink);
        var walk = new Random(1);
        var state = sink.States[0];
        var renamings = new (int[] Vcpus, int[] Frames)[] { ([1, 0], [0, 1]), ([0, 1], [1, 0]), ([1, 0], [1, 0]) };
        foreach (var (vcpus, frames) in renamings)
        {
            // Before anything has happened no name means anything; with free predictions one of the initial states is
            // the image. Only an entry of a ring that was never written looks like one for gpa 0, and nobody looks at
            // it.
            var renamed = worker.Renamed(state, vcpus, frames);
            Assert.True(renamed is null || (!framesAreAlike && frames[0] != 0)
                || encoding.Regions.Any(r => r.RecordHolds.Count > 0)
                || sink.States.Any(s => s.AsSpan().SequenceEqual(renamed)));
        }

        for (var tried = 0; tried < StatesToTry; tried++)
        {
            var successors = Successors(worker, state);
            if (successors.Count == 0)
            {
                state = sink.States[walk.Next(sink.States.Count)];
                continue;
            }

            var (vcpus, frames) = renamings[tried % renamings.Length];
            var renamed = worker.Renamed(state, vcpus, frames);
            if (renamed is not null)
            {
                Assert.Equal(state, worker.Renamed(renamed, vcpus, frames)); // each of these is its own inverse
                var expected = successors.Select(s => worker.Renamed(s, vcpus, frames) ?? s).Select(Convert.ToHexString)
                    .Order(StringComparer.Ordinal);
                var actual = Successors(worker, renamed).Select(Convert.ToHexString).Order(StringComparer.Ordinal);
                Assert.Equal(expected, actual);
            }

            state = successors[walk.Next(successors.Count)];
        }
    }

    private static List<byte[]> Successors(MachineWorker worker, byte[] state)
    {
        var sink = new Collector();
        worker.Expand(state, byte.MaxValue, sink);
        return sink.States;
    }

    private sealed class Collector : ISuccessors
    {
        public List<byte[]> States { get; } = [];
        public void Add(ReadOnlySpan<byte> next, in StepInfo step) => States.Add(next.ToArray());
        public void Observe(ulong properties) { }
    }
}
