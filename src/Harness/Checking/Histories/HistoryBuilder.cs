using System.Globalization;
using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Turns a path of the search into a run of the machine under the names it began with, one atomic step a
/// line.</summary>
internal sealed class HistoryBuilder
{
    /// <summary>Changes with the rules of the machine, so that a trace is not replayed on other ones.</summary>
    public const string MachineVersion = "1";

    private const int MostWordsAtFirst = 8;

    private const int StatesToLookForAWayOut = 20_000;

    private readonly MachineModel _model;

    private HistoryBuilder(MachineModel model) => this._model = model;

    /// <summary>The history of a path of the model.</summary>
    /// <returns>Null if it goes through a state that names something without saying so, after names have changed: then
    /// the names it began with cannot be followed, and the path has to be looked for without renaming.</returns>
    public static History? Build(MachineModel model, MachineProperty property, StatePath path) =>
        new HistoryBuilder(model).Build(property, path);

    /// <summary>The history of the walk that broke a property.</summary>
    public static History OfWalk(MachineModel model, WalkOptions options, WalkResult result, ulong always)
    {
        using var walk = model.CreateWalk();
        using var worker = (MachineWorker)model.CreateWorker();
        var start = new StateCollector();
        worker.Initial(start);
        var actors = worker.Machine.ActorCount;
        var steps = new List<ScheduledStep>();
        RandomWalks.Replay(walk, options, result.FirstBroken, result.BrokenAt + 1,
            (process, choices) => steps.Add(process < actors
            ? new(StepKind.Step, process, [.. choices])
            : new(StepKind.Commit, process - actors, [choices[0]])));
        var broken = System.Numerics.BitOperations.TrailingZeroCount(result.Shown & always);
        return new HistoryBuilder(model).Describe(model.Asked[broken], start.States[0], 0, steps, isPath: true);
    }

    private History? Build(MachineProperty property, StatePath path)
    {
        var isPath = path.CycleLength == 0;
        return Concretise(path, out var start) is not { } found ? null
            : Describe(property, start, path.Initial, isPath && !_model.Instance.InWholeCalls
                ? ScheduleReducer.Of(_model, property, start, found) : found, isPath);
    }

    private History Describe(MachineProperty property, (byte[] State, byte RemainingBudget) start, int initial,
        IReadOnlyList<ScheduledStep> steps, bool isPath)
    {
        using var player = new StepPlayer(_model, start);
        var machine = player.Machine;
        var visited = new List<(byte[] State, byte RemainingBudget)> { start };
        var atFirst = WordsOf(machine);
        var played = new List<HistoryStep>();
        foreach (var step in steps)
        {
            played.Add(player.Play(played.Count + 1, step));
            visited.Add(player.Save());
        }

        return new()
        {
            Property = property.Name,
            PropertyDoc = property.Doc,
            Outcome = property.Outcome,
            Encoding = _model.Encoding.Description.FullName,
            EncodingVersion = LayoutDigest.Of(_model.Encoding),
            Instance = [.. _model.Instance.Parameters, new(Replay.InitialParameter, Invariant($"{initial}"))],
            MachineVersion = MachineVersion,
            AtFirst = atFirst,
            Lanes = MachineLanes.All(machine),
            Steps = played,
            InevitableFrom = isPath && property.Kind == PropertyKind.Always ? FirstWithoutWayOut(visited) : 0,
            Waiting = Waits(machine),
            BeyondArmV8 = machine.SharedMemory.ReadStale
                ? "a relaxed load found an older value, whatever it depends on; ARMv8 orders dependent loads" : null,
        };
    }

    /// <summary>The path's states carry the names of their representatives; here each step is looked up among those of
    /// the state under its own names, by what it leads to. The result has one step of the machine at a time.</summary>
    private List<ScheduledStep>? Concretise(StatePath path, out (byte[] State, byte RemainingBudget) start)
    {
        using var worker = (MachineWorker)_model.CreateWorker();
        var collector = new StateCollector();
        worker.Initial(collector);
        start = collector.States[path.Initial];
        var (canonical, left) = start;
        var (plain, plainLeft) = start;
        var steps = new List<ScheduledStep>();
        foreach (var action in path.Actions)
        {
            var next = new StateCollector();
            worker.Expand(canonical, left, next);
            (canonical, left) = next.States[action];
            var least = worker.Least(canonical, left);
            var isFound = false;
            foreach (var step in worker.Steps(plain, plainLeft))
            {
                var taken = worker.Scheduled(step).ToArray();
                var forms = worker.Forms();
                if (forms.RemainingBudget == left && forms.Least.AsSpan().SequenceEqual(least))
                {
                    (plain, plainLeft) = (forms.Plain, forms.RemainingBudget);
                    steps.AddRange(taken);
                    isFound = true;
                    break;
                }
            }

            if (!isFound)
            {
                return null;
            }
        }

        return steps;
    }

    /// <summary>The number of the first state from which no run ends well; 0 if that could not be found out. Once there
    /// is no way out there never is, so the place is found by halving.</summary>
    private int FirstWithoutWayOut(List<(byte[] State, byte RemainingBudget)> visited)
    {
        using var worker = (MachineWorker)_model.CreateWorker();
        bool? HasWayOut(int i) =>
            TerminationSearch.Exists(worker, visited[i].State, visited[i].RemainingBudget, StatesToLookForAWayOut);
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

    /// <summary>What set-up has left: frames armed, capabilities enabled.</summary>
    private static string? WordsOf(Machine machine)
    {
        string[] words =
        [
            .. from store in machine.Regions
               from word in Enumerable.Range(0, (int)store.Words)
               let value = store.Read((ulong)word)
               where value != 0
               select Invariant($"{store.Name}[{store.First + (ulong)word}] = 0x{value:x}"),
        ];
        return words.Length == 0 ? null
            : string.Join(", ", words.Take(MostWordsAtFirst)) + (words.Length > MostWordsAtFirst ? ", …" : "");
    }

    private static List<WaitingFor> Waits(Machine machine)
    {
        var waits = new List<WaitingFor>();
        for (var vcpu = 0; vcpu < machine.Config.Vcpus; vcpu++)
        {
            var blocked = machine.Actors[vcpu].Blocked;
            if (blocked is BlockReason.None or BlockReason.Finished)
            {
                continue;
            }

            var sleepers = Enumerable.Range(vcpu * machine.Config.TasksPerVcpu, machine.Config.TasksPerVcpu)
                .Where(t => machine.Tasks[t].Status == Machines.TaskStatus.Sleeping)
                .Select(t => Invariant(
                    $"task {t} for the page-ready of token 0x{machine.Tasks[t].Token:x} ")
                    + Invariant($"(gfn {machine.GfnOf(machine.Tasks[t].Gfn).Value})"));
            var frame = machine.GfnOf(machine.Apf.At(vcpu, 0) is var slot && slot >= 0 ? machine.Apf.Item(slot).Gfn
                : machine.Vcpus[vcpu].FaultGfn).Value;
            (string What, string? Wake) wait = blocked switch
            {
                BlockReason.ApfHalt when frame == Normalisation.NoFrame =>
                    ("an event, in an APF halt for an APF that is gone", null),
                BlockReason.ApfHalt => ($"the completion of its APF for gfn {frame}, in an APF halt",
                    $"a READY for gfn {frame} on vCPU {vcpu}"),
                BlockReason.GuestHalt => ("an interrupt, in HLT; asleep: " + string.Join(", ", sleepers),
                    $"a READY for the APF of a sleeping task of vCPU {vcpu}"),
                BlockReason.WaitFetch => ("the content of a frame", "the arrival of its fetch"),
                BlockReason.Lock => WaitForLock(machine, vcpu),
                BlockReason.Rearming => ("the page to be armed again and discarded", "the end of that"),
                BlockReason.Pause => ("the end of a pause", "the memslot update that follows"),
                _ => ("something to do", null),
            };
            waits.Add(new(vcpu, wait.What, wait.Wake));
        }

        for (var actor = machine.Config.Vcpus; actor < machine.ActorCount; actor++)
        {
            if (machine.Actors[actor].Blocked == BlockReason.Lock)
            {
                var (what, wake) = WaitForLock(machine, actor);
                waits.Add(new(actor, what, wake));
            }
        }

        return waits;
    }

    private static (string What, string? Wake) WaitForLock(Machine machine, int actor)
    {
        var (name, holder) = machine.Locks.Wanted(actor);
        return ($"the {name}, which {MachineLanes.Name(machine, holder)} holds", "its release");
    }
}

/// <summary>Keeps what a model says.</summary>
internal sealed class StateCollector : ISuccessors
{
    public List<(byte[] State, byte RemainingBudget)> States { get; } = [];

    public void Add(ReadOnlySpan<byte> next, in StepInfo step) => States.Add((next.ToArray(), step.RemainingBudget));

    public void Observe(ulong properties)
    {
    }
}

/// <summary>Version of an encoding as a trace names it: that of its uAPI, and a digest of what it declares.</summary>
internal static class LayoutDigest
{
    public static string Of(Abstractions.Encoding encoding)
    {
        var description = encoding.Description;
        var text = new StringBuilder();
        foreach (var region in encoding.Regions)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{region.Name} {region.Owner} {region.Scope} {region.WordBits} {region.Count};");
        }

        foreach (var ioctl in description.Ioctls)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ioctl.Name} {ioctl.Number} {ioctl.Direction} {ioctl.Struct};");
        }

        foreach (var flag in description.Flags)
        {
            text.Append(CultureInfo.InvariantCulture, $"{flag.Name} {flag.Field} {flag.Bit};");
        }

        return Invariant(
            $"{description.Version}-{Fingerprint.Of(System.Text.Encoding.UTF8.GetBytes(text.ToString())):x16}");
    }
}
