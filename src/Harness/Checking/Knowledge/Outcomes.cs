using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>How the fault of each vCPU comes out in the runs that go on from a state: as it did, where that is settled,
/// or in every way it still can.</summary>
internal sealed class Outcomes
{
    private const int BitsPerVcpu = 4;

    private readonly ushort[] _possible;

    public Outcomes(ViewGraph graph, int vcpus)
    {
        _possible = new ushort[graph.Count];
        var into = new List<(int From, byte Faulted)>[graph.Count];
        var pending = new Stack<int>();
        for (var node = 0; node < graph.Count; node++)
        {
            foreach (var edge in graph.From(node))
            {
                (into[edge.Target] ??= []).Add((node, edge.Faulted));
            }

            for (var vcpu = 0; vcpu < vcpus; vcpu++)
            {
                var outcome = graph.Record(node).Outcome(vcpu);
                _possible[node] |= (ushort)(outcome == FaultOutcome.Open ? 0
                    : 1 << ((vcpu * BitsPerVcpu) + (int)outcome));
            }

            pending.Push(node);
        }

        while (pending.TryPop(out var node))
        {
            foreach (var (from, faulted) in into[node] ?? [])
            {
                var more = _possible[from];
                for (var vcpu = 0; vcpu < vcpus; vcpu++)
                {
                    var isOpen = graph.Record(from).Outcome(vcpu) == FaultOutcome.Open && (faulted >> vcpu & 1) == 0;
                    more |= (ushort)(isOpen ? _possible[node] & (15 << (vcpu * BitsPerVcpu)) : 0);
                }

                if (more != _possible[from])
                {
                    _possible[from] = more;
                    pending.Push(from);
                }
            }
        }
    }

    public bool Can(int node, int vcpu, FaultOutcome outcome) =>
        (_possible[node] >> ((vcpu * BitsPerVcpu) + (int)outcome) & 1) != 0;
}
