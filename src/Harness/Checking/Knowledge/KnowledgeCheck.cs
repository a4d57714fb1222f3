using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>Decides what KVM can know when it commits to a not-present: over all pairs of runs that show it the same
/// (docs/checking.md, "what KVM can know").</summary>
public static class KnowledgeCheck
{
    /// <summary>Concerns it answers.</summary>
    public static IReadOnlyList<string> Concerns { get; } = [.. KnowledgeQuestion.All.Select(q => q.Id)];

    private const long MostMembers = 40_000_000;

    /// <summary>One vCPU with two tasks, one frame, an I/O thread and a prefetcher.</summary>
    public static CheckInstance Instance { get; } = new()
    {
        Name = "knowledge",
        Vcpus = 1,
        Gfns = 1,
        TasksPerVcpu = 2,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        CoalescesInvisible = false,
        Symmetric = false,
        IsForViews = true,
    };

    /// <summary>Answers every question.</summary>
    /// <param name="encoding">What is asked about.</param>
    /// <param name="maxStates">Give up after so many states.</param>
    /// <param name="stop">Give up when it says so.</param>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract.</exception>
    public static KnowledgeOutcome Run(Encoding encoding, int maxStates, Func<bool> stop)
    {
        var every = new Explored(encoding, Instance, truthful: false, maxStates, stop);
        var truthful = new Explored(encoding, Instance, truthful: true, maxStates, stop);
        var findings = KnowledgeQuestion.All.Select(q =>
        {
            var trusted = truthful.Answer(q);
            var finding = every.Answer(q);
            return finding with { Truthful = trusted.Verdict, Witness = trusted.Witness ?? finding.Witness };
        }).ToArray();
        return new(encoding.Description.FullName, Instance, every.Graph.Count, findings,
            Table(ViewGraph.Build(encoding, OneTask, truthful: false, maxStates, stop)));
    }

    /// <summary>Answers one question on the machine with one task, in a tenth of the time.</summary>
    /// <param name="encoding">What is asked about.</param>
    /// <param name="concern">The question's concern.</param>
    /// <param name="maxStates">Give up after so many states.</param>
    /// <param name="stop">Give up when it says so.</param>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract.</exception>
    internal static KnowledgeOutcome RunSmall(Encoding encoding, string concern, int maxStates, Func<bool> stop)
    {
        var every = new Explored(encoding, OneTask, truthful: false, maxStates, stop);
        return new(encoding.Description.FullName, OneTask, every.Graph.Count,
            [every.Answer(KnowledgeQuestion.All.Single(q => q.Id == concern))], Table(every.Graph));
    }

    /// <summary>Answers every question on another machine.</summary>
    /// <param name="encoding">What is asked about.</param>
    /// <param name="instance">The machine, one for views.</param>
    /// <param name="maxStates">Give up after so many states.</param>
    /// <param name="stop">Give up when it says so.</param>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract.</exception>
    internal static KnowledgeOutcome RunIn(Encoding encoding, CheckInstance instance, int maxStates, Func<bool> stop)
    {
        var every = new Explored(encoding, instance, truthful: false, maxStates, stop);
        return new(encoding.Description.FullName, instance, every.Graph.Count,
            [.. KnowledgeQuestion.All.Select(every.Answer)], Table: null);
    }

    /// <summary>With one task, so that there is one fault to follow.</summary>
    private static CheckInstance OneTask => Instance with { TasksPerVcpu = 1 };

    private static KnowledgeTable? Table(ViewGraph graph) => graph.IsComplete ? KnowledgeRun.Table(graph) : null;

    /// <summary>All runs of an encoding, and the sets of them that KVM cannot tell apart when it injects.</summary>
    private sealed class Explored
    {
        private readonly Encoding _encoding;
        private readonly CheckInstance _instance;
        private readonly Outcomes _outcomes;
        private readonly IReadOnlyList<KnowledgeSets.Decision> _decisions;

        public Explored(Encoding encoding, CheckInstance instance, bool truthful, int maxStates, Func<bool> stop)
        {
            this._encoding = encoding;
            _instance = instance;
            Graph = ViewGraph.Build(encoding, instance, truthful, maxStates, stop);
            _outcomes = new(Graph, instance.Vcpus);
            _decisions = new KnowledgeSets(Graph, Observer.Kvm).Decisions(MostMembers, stop, out var complete);
            IsComplete = complete;
        }

        public ViewGraph Graph { get; }

        public bool IsComplete { get; }

        public KnowledgeFinding Answer(KnowledgeQuestion question)
        {
            int ambiguous = 0, onlyFirst = 0;
            WitnessPair? witness = null;
            foreach (var decision in _decisions)
            {
                var first = Possible(question.First, decision);
                var second = Possible(question.Second, decision);
                onlyFirst += first.Length > 0 && second.Length == 0 ? 1 : 0;
                if (first.Length > 0 && second.Length > 0)
                {
                    ambiguous++;
                    witness ??= WitnessWriter.Of(_encoding, _instance, Graph, question, decision, first[0], second[0]);
                }
            }

            var verdict = ambiguous > 0 ? KnowledgeVerdict.Broken
                : !IsComplete ? KnowledgeVerdict.NotDecided
                : _decisions.Count == 0 || !Occurs(question.First) || !Occurs(question.Second)
                    ? KnowledgeVerdict.NothingToDecide
                : KnowledgeVerdict.Holds;
            return new(question.Id, question.Statement(verdict), verdict, _decisions.Count, ambiguous, onlyFirst,
                verdict, witness);
        }

        /// <summary>Whether the VMM ever makes that of a fault, with an injection or without.</summary>
        private bool Occurs(KnowledgeSide side) => side.Outcome is not { } outcome
            || Enumerable.Range(0, Graph.Count).Any(node =>
                Enumerable.Range(0, _instance.Vcpus).Any(vcpu => Graph.Record(node).Outcome(vcpu) == outcome));

        private int[] Possible(KnowledgeSide side, KnowledgeSets.Decision decision) =>
            [.. decision.Targets.Where(node => side.IsPossible(Graph, _outcomes, node, decision.Vcpu))];
    }
}
