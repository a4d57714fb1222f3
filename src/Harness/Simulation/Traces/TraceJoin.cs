namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Puts recordings side by side as the vCPUs of one guest.</summary>
internal static class TraceJoin
{
    private const string NoSharedPages =
        "Recordings share no page: the page numbers of each follow those of the one before.";

    public static AccessTrace Join(IReadOnlyList<AccessTrace> traces)
    {
        if (traces is [var only])
        {
            return only;
        }

        long touched = traces.Sum(trace => trace.GfnCount);
        var vcpus = new List<VcpuTrace>();
        var background = new List<(long AtNs, long Gfn)>();
        var facts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        long firstGfn = 0;
        for (int i = 0; i < traces.Count; i++)
        {
            AccessTrace trace = traces[i];
            vcpus.AddRange(trace.Vcpus.Select(vcpu => Shift(vcpu, $"{i + 1}: {vcpu.Name}", firstGfn)));
            background.AddRange(trace.BackgroundArrivals);
            firstGfn += trace.GfnCount;
            foreach ((string name, long value) in trace.Facts)
            {
                facts[name] = FactSums.Sum([facts.GetValueOrDefault(name), value]);
            }
        }

        return new AccessTrace(
            string.Join(", ", traces.Select(trace => trace.Source)),
            string.Join('+', traces.Select(trace => trace.Format).Distinct()),
            vcpus,
            touched,
            [NoSharedPages, .. traces.SelectMany((trace, i) => trace.Notes.Select(note => $"{i + 1}: {note}"))],
            facts)
        {
            // A stable sort: at the same time the earlier recording comes first.
            BackgroundArrivals =
                [.. background.OrderBy(page => page.AtNs).Select((page, i) => (page.AtNs, touched + i))],
        };
    }

    private static VcpuTrace Shift(VcpuTrace vcpu, string name, long firstGfn) =>
        new(name, [.. vcpu.Accesses.Select(access => access with { Gfn = access.Gfn + firstGfn })], vcpu.TailThinkNs);
}
