using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Vmm;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Cases;

/// <summary>A machine on which two threads of the VMM each make one ioctl, while everybody else stands still.</summary>
internal sealed class TwoCallers : IMachineObserver, IAccessListener, IDisposable
{
    private const uint Stream = 0x2ca11;
    private const int Walks = 24;
    private const int StepsOfAWalk = 160;

    /// <summary>More states than this show nothing that fewer do not.</summary>
    private const int MostStates = 16;

    private static readonly CheckInstance s_instance = new()
    {
        Name = "two-callers",
        Vcpus = 1,
        IoThreads = 2,
        Prefetcher = false,
        Rearms = 0,
        Symmetric = false,
        Environment = new(),
        Modes = [GuestStepFlags.None],
    };

    private readonly ChoiceScript _script = new();
    private readonly SteppedMachine _stepped;
    private readonly ulong _seed;
    private readonly List<string> _told = [];
    private uint _drawn;

    public TwoCallers(Encoding encoding, RuleSet broken, ulong seed)
    {
        _seed = seed;
        _script.Pick = n => (int)CounterRandom.Below(CounterRandom.At(_seed, Stream, 0, _drawn++), (ulong)n);
        _stepped = new(encoding, s_instance with { Broken = broken }, _script, this, null);
    }

    private Machine Machine => _stepped.Machine;

    /// <summary>States in which no thread of the VMM is in the encoding and no lock is held but the vCPU's mutex: such
    /// as differ in the vCPU's queue or in the encoding's words, as random schedules come to them.</summary>
    public IReadOnlyList<byte[]> States()
    {
        var start = Machine.Save();
        var seen = new HashSet<string>();
        var states = new List<byte[]>();
        for (var walk = 0; walk < Walks && states.Count < MostStates; walk++)
        {
            Machine.Restore(start);
            for (var step = 0; step < StepsOfAWalk && states.Count < MostStates; step++)
            {
                if (IsQuiet() && seen.Add(Machine.Locks.IsHeld(LockTable.VcpuMutex, 0) + Words()))
                {
                    states.Add(Kept());
                }

                int[] runnable = [.. Enumerable.Range(0, Machine.ActorCount).Where(Machine.IsRunnable)];
                if (runnable.Length == 0)
                {
                    break;
                }

                Machine.Step(runnable[_script.Pick!(runnable.Length)]);
            }
        }

        return states;
    }

    /// <summary>Every declared ioctl in order, and with the token or the gpa of each fault in the place of its first
    /// word, for each operation.</summary>
    public IReadOnlyList<IoctlCall> Calls(byte[] state)
    {
        Put(state);
        ulong[] keys =
        [
            .. Outstanding().Select(apf => (ulong)apf.Token),
            .. Enumerable.Range(0, s_instance.Gfns).Select(frame => Machine.GfnOf((ulong)frame).Gpa),
        ];
        return
        [
            .. (from ioctl in Machine.Encoding.Description.Ioctls
                from argument in ioctl.OpOffset == sizeof(ulong) && ioctl.Operations.Count > 0
                    ? ioctl.Operations.Select(op => ioctl.WellFormed with { W1 = op.Value })
                    : [ioctl.WellFormed]
                from word in keys.Prepend(argument.W0)
                select new IoctlCall(0, ioctl.Number, argument with { W0 = word })).Distinct(),
        ];
    }

    /// <summary>How two calls end one after the other; null if the first that has to wait waits for ever.</summary>
    public Ending? InTurn(byte[] state, IoctlCall[] calls, int first)
    {
        Put(state);
        var results = new long[2];
        foreach (var caller in (int[])[first, 1 - first])
        {
            while (!Step(caller, calls[caller], out results[caller]))
            {
                if (IsWaiting(caller))
                {
                    return null;
                }
            }
        }

        return Ended(results);
    }

    /// <summary>How one ends of which the other does nothing.</summary>
    public ulong Alone(byte[] state, IoctlCall[] calls, int caller, out long result)
    {
        Put(state);
        while (!Step(caller, calls[caller], out result) && !IsWaiting(caller))
        {
        }

        return Form();
    }

    /// <summary>The first interleaving that ends as none of those; null if there is none.</summary>
    public (Ending? Ending, IReadOnlyList<int> Schedule)? Other(byte[] state, IoctlCall[] calls,
        Func<Ending, bool> isRight)
    {
        var open = new Stack<(byte[] State, int Done, long First, long Second, Taken? Path)>();
        var seen = new HashSet<(ulong, int, long, long)>();
        open.Push((state, 0, 0, 0, null));
        while (open.TryPop(out var at))
        {
            var moved = false;
            for (var caller = 1; caller >= 0; caller--)
            {
                Put(at.State);
                if ((at.Done >> caller & 1) != 0 || IsWaiting(caller))
                {
                    continue;
                }

                moved = true;
                var isDone = Step(caller, calls[caller], out var result);
                var (first, second) = !isDone ? (at.First, at.Second) : caller == 0 ? (result, at.Second)
                    : (at.First, result);
                var done = at.Done | (isDone ? 1 << caller : 0);
                var path = new Taken(caller, at.Path);
                if (done == 3)
                {
                    var ending = Ended([first, second]);
                    if (!isRight(ending))
                    {
                        return (ending, path.All());
                    }

                    continue;
                }

                var next = _stepped.Codec.Encode().ToArray();
                if (seen.Add((Fingerprint.Of(next), done, first, second)))
                {
                    open.Push((next, done, first, second, path));
                }
            }

            if (!moved)
            {
                return (null, at.Path?.All() ?? []);
            }
        }

        return null;
    }

    /// <summary>The state and a schedule from there, a line each.</summary>
    public string Tell(byte[] state, IoctlCall[] calls, IReadOnlyList<int> schedule)
    {
        Put(state);
        var text = new StringBuilder();
        foreach (var apf in Outstanding())
        {
            text.Append(Invariant($"  vCPU 0 has an APF for gfn {Machine.GfnOf(apf.Gfn).Value}, "))
                .Append(Invariant($"token 0x{apf.Token:x}, "))
                .Append(apf.Status == ApfStatus.Done ? "completed" : "outstanding").Append('\n');
        }

        Machine.Listener = this;
        foreach (var caller in schedule)
        {
            _told.Clear();
            Step(caller, calls[caller], out _);
            foreach (var line in IsWaiting(caller) ? [.. _told, "waits for a lock"] : _told)
            {
                text.Append(Invariant($"  thread {caller + 1}: {line}\n"));
            }
        }

        Machine.Listener = null;
        return text.ToString();
    }

    public string Name(uint ioctl) => Machine.NameOf(ioctl);

    public void Dispose() => _stepped.Dispose();

    void IMachineObserver.On(in MachineEvent e)
    {
    }

    void IAccessListener.Report(Operation operation, bool inKvm, string what, Exception? thrown) => _told.Add(what);

    private static int Actor(int caller) => s_instance.Vcpus + caller;

    private bool Step(int caller, IoctlCall call, out long result) =>
        Machine.StepIoctl(Actor(caller), call, out result);

    private bool IsWaiting(int caller) => !Machine.IsRunnable(Actor(caller));

    private bool IsQuiet() =>
        !Machine.Actors[Actor(0)].InOperation && !Machine.Actors[Actor(1)].InOperation
        && !Machine.Locks.IsHeld(KvmLock.Apf, 0) && !Machine.Locks.IsHeld(KvmLock.Encoding, 0);

    private byte[] Kept()
    {
        _stepped.Normalisation.Apply();
        var plain = Machine.Save();
        foreach (var caller in (int[])[0, 1])
        {
            ref var actor = ref Machine.Actors[Actor(caller)];
            (actor.Blocked, actor.Step) = (BlockReason.None, ServiceStep.Take);
        }

        var kept = _stepped.Codec.Encode().ToArray();
        Machine.Restore(plain);
        return kept;
    }

    private void Put(byte[] state) => _stepped.Codec.Decode(state, 0);

    private IEnumerable<ApfItem> Outstanding()
    {
        for (var place = 0; place < Machine.Vcpus[0].Queued; place++)
        {
            var apf = Machine.Apf.Item(Machine.Apf.At(0, place));
            if (!apf.WakeAll)
            {
                yield return apf;
            }
        }
    }

    private string Words()
    {
        var text = new StringBuilder();
        foreach (var apf in Outstanding())
        {
            text.Append(Invariant($"{apf.Gfn} {apf.Status};"));
        }

        foreach (var store in Machine.Regions)
        {
            for (var word = 0UL; word < store.Words; word++)
            {
                text.Append(Invariant($"{store.Read(word)},"));
            }
        }

        return text.ToString();
    }

    private Ending Ended(long[] results) => new(results[0], results[1], Form());

    private ulong Form()
    {
        _stepped.Normalisation.Apply();
        return Fingerprint.Of(_stepped.Codec.Encode());
    }

    private sealed record Taken(int Caller, Taken? Before)
    {
        public IReadOnlyList<int> All()
        {
            var all = new List<int>();
            for (var at = this; at is not null; at = at.Before)
            {
                all.Add(at.Caller);
            }

            all.Reverse();
            return all;
        }
    }
}

/// <summary>What two calls return, and the state they leave.</summary>
internal readonly record struct Ending(long First, long Second, ulong State);
