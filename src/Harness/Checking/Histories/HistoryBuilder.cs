using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Turns a path of the search into a run of the machine under the names it began with, one atomic step a line.</summary>
internal sealed class HistoryBuilder
{
    /// <summary>Changes with the rules of the machine, so that a trace is not replayed on other ones.</summary>
    public const string MachineVersion = "1";

    private const int StatesToLookForAWayOut = 20_000;

    private readonly MachineModel model;

    private HistoryBuilder(MachineModel model) => this.model = model;

    /// <summary>The history of a path of the model.</summary>
    /// <returns>Null if it goes through a state that names something without saying so, after names have changed: then the names
    /// it began with cannot be followed, and the path has to be looked for without renaming.</returns>
    public static History? Build(MachineModel model, MachineProperty property, StatePath path) => new HistoryBuilder(model).Build(property, path);

    /// <summary>The history of the walk that broke a property.</summary>
    public static History OfWalk(MachineModel model, WalkOptions options, WalkResult result, ulong always)
    {
        using var walk = model.CreateWalk();
        using var worker = (MachineWorker)model.CreateWorker();
        var start = new StateCollector();
        worker.Initial(start);
        var actors = worker.Machine.ActorCount;
        var steps = new List<HistoryStep>();
        RandomWalks.Replay(walk, options, result.FirstBroken, result.BrokenAt + 1, (process, choices) => steps.Add(process < actors
            ? new(0, process, [.. choices], process, "", null, null, [], [])
            : new(0, process - actors, [Replay.CommitMark, choices[0]], process - actors, "", null, null, [], [])));
        var broken = System.Numerics.BitOperations.TrailingZeroCount(result.Shown & always);
        return new HistoryBuilder(model).Tell(model.Asked[broken], start.States[0], 0, steps, isPath: true);
    }

    private History? Build(MachineProperty property, StatePath path)
    {
        var moves = Concretise(path, out var start);
        if (moves is null)
        {
            return null;
        }

        var steps = Found(moves, start);
        if (path.CycleLength == 0)
        {
            steps = Tidying.Of(model, property, start, steps);
        }

        return Tell(property, start, path.Initial, steps, path.CycleLength == 0);
    }

    private History Tell(MachineProperty property, (byte[] State, byte Allowances) start, int initial, IReadOnlyList<HistoryStep> steps, bool isPath)
    {
        using var player = new StepPlayer(model, start);
        var machine = player.Machine;
        var visited = new List<(byte[] State, byte Allowances)> { start };
        var played = new List<HistoryStep>();
        foreach (var step in steps)
        {
            played.Add(player.Play(played.Count + 1, step.Actor, step.Choices));
            visited.Add(player.Save());
        }

        return new()
        {
            Property = property.Name,
            PropertyDoc = property.Doc,
            Outcome = property.Outcome,
            Encoding = model.Encoding.Description.FullName,
            EncodingVersion = LayoutDigest.Of(model.Encoding),
            Instance = [.. model.Instance.Parameters, new(Replay.InitialParameter, initial.ToString(CultureInfo.InvariantCulture))],
            MachineVersion = MachineVersion,
            Lanes = MachineLanes.All(machine),
            Steps = played,
            InevitableFrom = isPath && property.Kind == PropertyKind.Always ? FirstWithoutWayOut(visited) : 0,
            Waiting = Waits(machine),
            BeyondArmV8 = machine.Words.ReadStale ? "a relaxed load found an older value, whatever it depends on; ARMv8 orders dependent loads" : null,
        };
    }

    /// <summary>The path's states carry the names of their representatives; here each step is looked up among those of the state
    /// under its own names, by what it leads to.</summary>
    private List<Move>? Concretise(StatePath path, out (byte[] State, byte Allowances) start)
    {
        using var worker = (MachineWorker)model.CreateWorker();
        var collector = new StateCollector();
        worker.Initial(collector);
        start = collector.States[path.Initial];
        var (canonical, left) = start;
        var (plain, plainLeft) = start;
        var moves = new List<Move>();
        foreach (var action in path.Actions)
        {
            var next = new StateCollector();
            worker.Expand(canonical, left, next);
            (canonical, left) = next.States[action];
            var least = worker.Least(canonical, left);
            Move? found = null;
            foreach (var step in worker.Steps(plain, plainLeft))
            {
                var move = new Move(step.Kind, step.Actor, step.Script is null ? [] : [.. step.Script.Answers], worker.MicroSteps, step.Which);
                var forms = worker.Forms();
                if (forms.Allowances == left && forms.Least.AsSpan().SequenceEqual(least))
                {
                    (plain, plainLeft) = (forms.Plain, forms.Allowances);
                    found = move;
                    break;
                }
            }

            if (found is null)
            {
                return null;
            }

            moves.Add(found);
        }

        return moves;
    }

    /// <summary>The moves one step of the machine at a time, in the order in which the search found them.</summary>
    private IReadOnlyList<HistoryStep> Found(List<Move> moves, (byte[] State, byte Allowances) start)
    {
        using var player = new StepPlayer(model, start, isHeard: false);
        var steps = new List<HistoryStep>();
        foreach (var move in moves)
        {
            for (var micro = 0; micro < move.MicroSteps; micro++)
            {
                steps.Add(move.Kind switch
                {
                    StepKind.Commit => player.Play(steps.Count + 1, move.Actor, [Replay.CommitMark, move.Which]),
                    StepKind.Signal => player.Play(steps.Count + 1, move.Actor, [Replay.SignalMark, 0]),
                    _ => player.PlayPart(steps.Count + 1, move.Actor, move.Answers, micro == 0),
                });
            }
        }

        return steps;
    }

    /// <summary>The number of the first state from which no run ends well; 0 if that could not be found out. Once there is no way
    /// out there never is, so the place is found by halving.</summary>
    private int FirstWithoutWayOut(List<(byte[] State, byte Allowances)> visited)
    {
        using var worker = (MachineWorker)model.CreateWorker();
        bool? HasWayOut(int i) => WayOut.Exists(worker, visited[i].State, visited[i].Allowances, StatesToLookForAWayOut);
        if (HasWayOut(0) != true)
        {
            return 0;
        }

        var (hope, none) = (0, visited.Count - 1); // in the last state it has happened
        while (none - hope > 1)
        {
            var middle = (hope + none) / 2;
            switch (HasWayOut(middle))
            {
                case null:
                    return 0;
                case true:
                    hope = middle;
                    break;
                default:
                    none = middle;
                    break;
            }
        }

        return none;
    }

    private static List<WaitingFor> Waits(Machine machine)
    {
        var waits = new List<WaitingFor>();
        for (var vcpu = 0; vcpu < machine.Shape.Vcpus; vcpu++)
        {
            var blocked = machine.Actors[vcpu].Blocked;
            if (blocked is BlockReason.None or BlockReason.Finished)
            {
                continue;
            }

            var sleepers = Enumerable.Range(vcpu * machine.Shape.TasksPerVcpu, machine.Shape.TasksPerVcpu)
                .Where(t => machine.Tasks[t].Status == Harness.Machines.TaskStatus.Sleeping)
                .Select(t => string.Create(CultureInfo.InvariantCulture, $"task {t} for the page-ready of token 0x{machine.Tasks[t].Token:x} (gfn {machine.Tasks[t].Gfn})"));
            var frame = machine.Apf.At(vcpu, 0) is var slot && slot >= 0 ? machine.Apf.Item(slot).Gfn : machine.Vcpus[vcpu].FaultGfn;
            (string What, string? Wake) wait = blocked switch
            {
                BlockReason.ApfHalt => ($"the completion of its APF for gfn {frame}, in an APF halt", $"a READY for gfn {frame} on vCPU {vcpu}"),
                BlockReason.GuestHalt => ("an interrupt, in HLT; asleep: " + string.Join(", ", sleepers), $"a READY for the APF of a sleeping task of vCPU {vcpu}"),
                BlockReason.WaitFetch => ("the content of a frame", "the arrival of its fetch"),
                BlockReason.Lock => ("a lock", "its release"),
                BlockReason.Pause => ("the end of a pause", "the memslot update that follows"),
                _ => ("something to do", null),
            };
            waits.Add(new(vcpu, wait.What, wait.Wake));
        }

        return waits;
    }

    /// <summary>A step of the model in concrete names.</summary>
    private sealed record Move(StepKind Kind, int Actor, int[] Answers, int MicroSteps, int Which);
}
