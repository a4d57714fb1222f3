using UapiLab.Abstractions;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>Memory that is restored from a file, page by page, as threads touch it. One thread reads the userfaultfd
/// and places pages when the workload's device has them.</summary>
/// <param name="ElapsedNs">From the first touch to the last.</param>
/// <param name="WaitedNs">How long its threads together could have run and had no core.</param>
/// <param name="LatencyNs">Of each touch.</param>
/// <param name="Faults">That were read.</param>
/// <param name="Foreign">Touches that found something else than the file has.</param>
internal sealed record SnapshotRun(
    double ElapsedNs, double WaitedNs, IReadOnlyList<double> LatencyNs, int Faults, int Foreign)
{
    private const double PatienceNs = 10e9;
    private const ulong Seed = 1;

    /// <summary>Runs it.</summary>
    /// <param name="host">Where: the reader has the first core, and vCPUs share the others.</param>
    /// <param name="workload">What its tasks touch, and what is local.</param>
    /// <param name="isMinor">Whether the memory is shmem, in which the VMM puts pages and has them mapped
    /// (UFFDIO_CONTINUE); local ones are there before. Otherwise it is anonymous, and pages are copied
    /// (UFFDIO_COPY).</param>
    public static SnapshotRun Of(Host host, SyntheticWorkload workload, bool isMinor)
    {
        using var memory = new SnapshotMemory((int)workload.Config.Gfns, isMinor);
        return new Restoring(host, workload, memory).Run();
    }

    private sealed class Restoring(Host host, SyntheticWorkload workload, SnapshotMemory memory)
    {
        private readonly int _pages = (int)workload.Config.Gfns;
        private readonly int _vcpus = workload.Config.Vcpus;
        private readonly double[] _latency = new double[workload.Config.Gfns];
        private readonly double[] _ends = new double[workload.Config.Vcpus];
        private readonly double[] _waited = new double[workload.Config.Vcpus + 1];
        private readonly IGuestProgram _program = workload.Program(Seed);
        private double _begin;
        private int _faults;
        private int _foreign;

        public SnapshotRun Run()
        {
            for (var gfn = 0; gfn < _pages; gfn++)
            {
                memory.Fill(gfn, isLocal: TruthOf((ulong)gfn) == Disposition.Sync);
            }

            memory.Arm();
            using var ready = new Barrier(_vcpus + 1);
            var others = host.Cpus.Cores.Count > 1 ? host.Cpus.Cores.Skip(1).ToArray() : [host.First];
            List<PinnedThread> threads = [new(host.First, () => Measured(ready, _vcpus, Serve)),
                .. Enumerable.Range(0, _vcpus).Select(vcpu => new PinnedThread(others[vcpu % others.Length],
                    () => Measured(ready, vcpu, () => Touch(vcpu))))];
            threads.ForEach(thread => thread.Dispose());
            return new(_ends.Max() - _begin, _waited.Sum(), _latency, _faults, _foreign);
        }

        private Disposition TruthOf(ulong gfn) =>
            (Disposition)workload.Choose(Seed, ChoiceKind.Disposition, gfn);

        private void Measured(Barrier ready, int thread, Action work)
        {
            var before = Cpus.WaitedNs;
            Libc.SleepExactly();
            ready.SignalAndWait();
            work();
            _waited[thread] = Cpus.WaitedNs - before;
        }

        /// <summary>A vCPU's tasks, one behind the other: while one sleeps in a fault, no other can run.</summary>
        private void Touch(int vcpu)
        {
            var tasks = workload.Config.TasksPerVcpu;
            for (var task = vcpu * tasks; task < (vcpu + 1) * tasks; task++)
            {
                for (long index = 0; _program.TryStep(task, index, out var step); index++)
                {
                    Spin(step.ComputeNs);
                    var touched = Clock.Ns;
                    var found = memory.Touch((int)step.Gfn, step.Flags.HasFlag(GuestStepFlags.Write));
                    _latency[step.Gfn] = Clock.Ns - touched;
                    if (!found)
                    {
                        Interlocked.Increment(ref _foreign);
                    }
                }
            }

            _ends[vcpu] = Clock.Ns;
        }

        private static void Spin(long ns)
        {
            for (var until = Clock.Ns + ns; Clock.Ns < until;)
            {
                Thread.SpinWait(1);
            }
        }

        private void Serve()
        {
            var device = new Device(workload, Seed, _pages);
            _begin = Clock.Ns;
            try
            {
                for (var placed = 0; placed < _pages;)
                {
                    var now = (long)(Clock.Ns - _begin);
                    var next = device.NextAt(0);
                    if (next <= now)
                    {
                        memory.Place(device.Complete(now));
                        placed++;
                    }
                    else if (!memory.Wait(next == long.MaxValue ? PatienceNs : next - now))
                    {
                        if (next == long.MaxValue)
                        {
                            throw new ProbeFailedException(Invariant($"{_faults} of {_pages} faults came, and no ")
                                + Invariant($"other within {PatienceNs / 1e9} s"));
                        }
                    }
                    else if (memory.ReadFault() is >= 0 and var gfn)
                    {
                        _faults++;
                        device.Issue(gfn, (ulong)gfn, TruthOf((ulong)gfn), (long)(Clock.Ns - _begin));
                    }
                }
            }
            catch
            {
                memory.Release(); // those who wait go on without the page
                throw;
            }
        }
    }
}
