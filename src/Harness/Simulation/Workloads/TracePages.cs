using UapiLab.Abstractions;
using UapiLab.Harness.Simulation.Traces;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>What a trace tells about each page: when it arrived, and whether it was on its way. The accesses are looked
/// at in the order of their recorded time, vCPUs of equal time in their order, and the first that tells
/// decides.</summary>
internal sealed class TracePages
{
    private const long Unknown = -1;

    private readonly long[] _arrivalNs;
    private readonly bool[] _inFlight;

    public TracePages(AccessTrace trace)
    {
        _arrivalNs = new long[trace.GfnCount];
        _inFlight = new bool[trace.GfnCount];
        Array.Fill(_arrivalNs, Unknown);
        var decidedAt = new long[trace.GfnCount];
        foreach (var vcpu in trace.Vcpus)
        {
            long now = 0;
            foreach (var access in vcpu.Accesses)
            {
                now += access.ThinkNs;
                if (access.ArrivalNs >= 0 && (_arrivalNs[access.Gfn] == Unknown || now < decidedAt[access.Gfn]))
                {
                    decidedAt[access.Gfn] = now;
                    _arrivalNs[access.Gfn] = access.ArrivalNs;
                    _inFlight[access.Gfn] = (access.Flags & TraceAccessFlags.InFlight) != 0;
                }

                now += Math.Max(0, access.ArrivalNs);
            }
        }

        AllAsync = Enumerable.Range(0, (int)trace.GfnCount)
            .All(gfn => Disposition((ulong)gfn) == Abstractions.Disposition.Async);
    }

    /// <summary>Whether every page has to be fetched from scratch.</summary>
    public bool AllAsync { get; }

    /// <summary>Time from the first access to the page's arrival, ns; negative if the trace does not tell.</summary>
    public long ArrivalNs(ulong gfn) => _arrivalNs[gfn];

    /// <summary>Where the content is when the page is first accessed.</summary>
    public Disposition Disposition(ulong gfn) => _arrivalNs[gfn] switch
    {
        0 => Abstractions.Disposition.Sync,
        > 0 when _inFlight[gfn] => Abstractions.Disposition.InFlight,
        _ => Abstractions.Disposition.Async,
    };
}
