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
    public static History Build(MachineModel model, MachineProperty property, StatePath path) => new HistoryBuilder(model).Build(property, path);

    private History Build(MachineProperty property, StatePath path)
    {
        var moves = Concretise(path, out var start, out var allowances, out var inevitable);
        var player = new StepPlayer(model, (start, allowances));
        using var machine = player.Machine;
        var steps = new List<HistoryStep>();
        var inevitableFrom = 0;
        for (var i = 0; i < moves.Count; i++)
        {
            if (i == inevitable)
            {
                inevitableFrom = steps.Count;
            }

            var move = moves[i];
            for (var micro = 0; micro < move.MicroSteps; micro++)
            {
                var step = move.Kind switch
                {
                    StepKind.Commit => player.Play(steps.Count + 1, move.Actor, [Replay.CommitMark, move.Which]),
                    StepKind.Signal => player.Play(steps.Count + 1, move.Actor, [Replay.SignalMark, 0]),
                    _ => player.PlayPart(steps.Count + 1, move.Actor, move.Answers, micro == 0),
                };
                steps.Add(step);
            }
        }

        return new()
        {
            Property = property.Name,
            PropertyDoc = property.Doc,
            Outcome = property.Outcome,
            Encoding = model.Encoding.Description.FullName,
            EncodingVersion = LayoutDigest.Of(model.Encoding),
            Instance = [.. model.Instance.Parameters, new(Replay.InitialParameter, path.Initial.ToString(CultureInfo.InvariantCulture))],
            MachineVersion = MachineVersion,
            Lanes = MachineLanes.All(machine),
            Steps = steps,
            InevitableFrom = inevitableFrom,
            Waiting = Waits(machine),
            BeyondArmV8 = machine.Words.ReadStale ? "a relaxed load found an older value, whatever it depends on; ARMv8 orders dependent loads" : null,
        };
    }

    /// <summary>The path's states carry the names of their representatives; here each step is looked up among those of the state
    /// under its own names, by what it leads to.</summary>
    private List<Move> Concretise(StatePath path, out byte[] start, out byte allowances, out int inevitable)
    {
        using var worker = (MachineWorker)model.CreateWorker();
        var collector = new StateCollector();
        worker.Initial(collector);
        (start, allowances) = collector.States[path.Initial];
        var (canonical, left) = (start, allowances);
        var (plain, plainLeft) = (start, allowances);
        var moves = new List<Move>();
        var visited = new List<(byte[] State, byte Allowances)> { (canonical, left) };
        foreach (var action in path.Actions)
        {
            var next = new StateCollector();
            worker.Expand(canonical, left, next);
            (canonical, left) = next.States[action];
            visited.Add((canonical, left));
            Move? found = null;
            foreach (var step in worker.Steps(plain, plainLeft))
            {
                var move = new Move(step.Kind, step.Actor, step.Script is null ? [] : [.. step.Script.Answers], worker.MicroSteps, step.Which);
                var forms = worker.Forms();
                if (forms.Allowances == left && forms.Canonical.AsSpan().SequenceEqual(canonical))
                {
                    (plain, plainLeft) = (forms.Plain, forms.Allowances);
                    found = move;
                    break;
                }
            }

            moves.Add(found ?? throw new System.Diagnostics.UnreachableException("a step of the search that the machine does not take"));
        }

        inevitable = FirstWithoutWayOut(worker, visited);
        return moves;
    }

    /// <summary>The number of the first state from which no run ends well; -1 if that could not be found out.</summary>
    private static int FirstWithoutWayOut(MachineWorker worker, List<(byte[] State, byte Allowances)> visited)
    {
        var hopeless = visited.Count;
        for (var i = visited.Count - 1; i >= 0; i--)
        {
            var answer = WayOut.Exists(worker, visited[i].State, visited[i].Allowances, StatesToLookForAWayOut);
            if (answer is null)
            {
                return -1;
            }

            if (answer == true)
            {
                return hopeless == visited.Count ? -1 : hopeless;
            }

            hopeless = i;
        }

        return hopeless;
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
                BlockReason.ApfHalt => ($"an APF halt: the completion of the APF for gfn {frame}", $"a READY for gfn {frame} on vCPU {vcpu}"),
                BlockReason.GuestHalt => ("HLT, every task sleeps: " + string.Join(", ", sleepers), $"a READY for the APF of a sleeping task of vCPU {vcpu}"),
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
