using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>Plays two runs that KVM cannot tell apart, and writes them down side by side.</summary>
internal static class WitnessWriter
{
    public static WitnessPair Of(Encoding encoding, CheckInstance instance, ViewGraph graph, KnowledgeQuestion question,
        KnowledgeSets.Decision decision, int first, int second)
    {
        var one = Play(encoding, instance, graph, question.First, decision, first, out var view);
        var other = Play(encoding, instance, graph, question.Second, decision, second, out _);
        return new()
        {
            Title = $"{question.Id} broken: {question.Statement(KnowledgeVerdict.Broken)}",
            Viewer = "KVM",
            CommonView = view,
            First = one,
            FirstNeed = question.FirstNeed,
            Second = other,
            SecondNeed = question.SecondNeed,
        };
    }

    private static History Play(Encoding encoding, CheckInstance instance, ViewGraph graph, KnowledgeSide side,
        KnowledgeSets.Decision decision, int target, out IReadOnlyList<string> view)
    {
        var path = ViewPaths.Showing(graph, Observer.Kvm, decision.Views, target, out var initial);
        var rest = side.Outcome is { } outcome ? Rest(graph, target, outcome, decision.Vcpu) : [];
        var model = new MachineModel(encoding, instance);
        using var player = new StepPlayer(model, InitialStates(model)[initial]);
        var machine = player.Machine;
        var seen = new ViewLines();
        var steps = new List<HistoryStep>();
        var seenAfter = new List<int>();
        var played = 0;
        foreach (var edge in path.Concat(rest))
        {
            var isBefore = played++ < path.Count;
            machine.View = isBefore ? seen : null;
            foreach (var step in edge.Steps)
            {
                steps.Add(player.Play(steps.Count + 1, step));
                if (isBefore)
                {
                    seen.Add(player.ReportedInKvm);
                }

                seenAfter.Add(seen.Lines.Count);
            }
        }

        view = seen.Lines;
        return new()
        {
            Property = "knowledge",
            PropertyDoc = side.Doc,
            Outcome = side.Doc,
            Encoding = encoding.Description.FullName,
            EncodingVersion = LayoutDigest.Of(encoding),
            Instance = [.. instance.Parameters, new(Replay.InitialParameter, Invariant($"{initial}"))],
            MachineVersion = HistoryBuilder.MachineVersion,
            Lanes = MachineLanes.All(machine),
            Steps = steps,
            Seen = seenAfter,
            IsGood = true,
        };
    }

    /// <summary>Until the VMM has settled the fault, and on to what KVM hears of it next.</summary>
    private static IEnumerable<ViewEdge> Rest(ViewGraph graph, int target, FaultOutcome outcome, int vcpu)
    {
        var settled = ViewPaths.To(graph, target, node => graph.Record(node).Outcome(vcpu) == outcome,
            edge => (edge.Faulted >> vcpu & 1) == 0)!;
        var from = settled.Count > 0 ? settled[^1].Target : target;
        var heard = ViewPaths.To(graph, from, node => graph.From(node).Any(edge => edge.Kvm != 0),
            edge => edge.Kvm == 0);
        return heard is null ? settled
            : [.. settled, .. heard, graph.From(heard.Count > 0 ? heard[^1].Target : from)
            .First(edge => edge.Kvm != 0)];
    }

    private static IReadOnlyList<(byte[] State, byte RemainingBudget)> InitialStates(MachineModel model)
    {
        using var worker = (MachineWorker)model.CreateWorker();
        return [.. worker.InitialStates(() => { })];
    }

    /// <summary>What KVM is shown, in words.</summary>
    private sealed class ViewLines : IViewListener
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines => _lines;

        public void Add(IEnumerable<string> told) => _lines.AddRange(told);

        public void Begun(bool inKvm, int actor, Operation operation, string arguments)
        {
            if (inKvm)
            {
                _lines.Add($"{operation}: {arguments}");
            }
        }

        public void Given(bool inKvm, int actor, ulong value)
        {
        }
    }
}
