using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>One run of a fault, and from which step on each party knows what is true in it.</summary>
internal static class KnowledgeRun
{
    private static readonly (Facts Fact, string Words)[] s_facts =
    [
        (Facts.Faulted, "the vCPU has faulted on the frame"),
        (Facts.AtOnce, "the vCPU thread resolves it before KVM_RUN"),
        (Facts.HandedOff, "an I/O task resolves it"),
        (Facts.Injected, "KVM injects not-present for it"),
        (Facts.NotPresentTaken, "the guest has handled the not-present"),
        (Facts.ContentThere, "the frame's content is there"),
    ];

    private static readonly (Observer Observer, string Name)[] s_parties =
        [(Observer.Kvm, "KVM"), (Observer.Vmm, "VMM"), (Observer.Guest, "guest")];

    /// <summary>Follows the shortest run in which a fault is handed off, if the encoding can; with an APF, if it can;
    /// to the end of the task.</summary>
    public static KnowledgeTable? Table(ViewGraph graph)
    {
        foreach (var (middle, words) in new[]
        {
            (Facts.HandedOff | Facts.NotPresentTaken | Facts.ApfOutstanding,
                "a fault that becomes an APF and goes to an I/O task"),
            (Facts.HandedOff, "a fault that goes to an I/O task, without an APF"),
            (Facts.AtOnce, "a fault that the vCPU thread resolves"),
        })
        {
            foreach (var start in graph.Initial)
            {
                if (Run(graph, start, middle) is { } run)
                {
                    return Table(graph, start, run, words);
                }
            }
        }

        return null;
    }

    private static IReadOnlyList<ViewEdge>? Run(ViewGraph graph, int start, Facts middle)
    {
        if (ViewPaths.To(graph, start, node => Has(graph, node, middle), _ => true) is not { } first
            || ViewPaths.To(graph, first[^1].Target, node => Has(graph, node, Facts.Finished),
                _ => true) is not { } second)
        {
            return null;
        }

        return [.. first, .. second];
    }

    private static KnowledgeTable Table(ViewGraph graph, int start, IReadOnlyList<ViewEdge> run, string words)
    {
        int[] nodes = [start, .. run.Select(edge => edge.Target)];
        var facts = s_facts.Where(f => nodes.Any(node => Has(graph, node, f.Fact))).ToArray();
        var known = s_parties.Select(p => Known(graph, p.Observer, run)).ToArray();
        return new()
        {
            Title = "Who knows what: " + words,
            Parties = ["is so", .. s_parties.Select(p => p.Name)],
            Facts = [.. facts.Select(f => new KnownFact(f.Words,
                [Since(nodes, node => Has(graph, node, f.Fact)),
                    .. known.Select(k => Since(k, set => (set & f.Fact) != 0))]))],
        };
    }

    /// <summary>What is true in every state that looks the same to the party, after each step.</summary>
    private static IReadOnlyList<Facts> Known(ViewGraph graph, Observer observer, IReadOnlyList<ViewEdge> run)
    {
        var knowledge = new KnowledgeSets(graph, observer);
        var belief = knowledge.Closure(graph.Initial);
        var known = new List<Facts> { Common(graph, belief) };
        foreach (var edge in run)
        {
            if (edge.Seen(observer) != 0)
            {
                belief = knowledge.After(belief, edge.Seen(observer));
            }

            known.Add(Common(graph, belief));
        }

        return known;
    }

    private static Facts Common(ViewGraph graph, IEnumerable<int> belief) =>
        belief.Aggregate((Facts)ushort.MaxValue, (facts, node) => facts & graph.Facts(node).Known);

    private static bool Has(ViewGraph graph, int node, Facts facts) => (graph.Facts(node).Known & facts) == facts;

    private static int? Since<T>(IReadOnlyList<T> steps, Func<T, bool> isSo)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (isSo(steps[i]))
            {
                return i;
            }
        }

        return null;
    }
}
