using UapiLab.Abstractions;
using UapiLab.Harness.Lab.Concerns.Sweeps;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C10.</summary>
internal sealed class C10AllOrNothing : Concern
{
    private const decimal Noise = 0.01m;

    private static readonly long[] s_shares = [0, 250, 500, 750, 900, 1_000];
    private static readonly long[] s_slowdowns = [0, 20, 50, 100, 300];

    public override string Id => "C10";
    public override string Title => "all or nothing";
    public override string Question =>
        "What does the feature cost a VMM that has it enabled and resolves everything at once, and does it still gain "
            + "where faults are mixed?";
    public override string Source => Mails.Supportive;
    public override string Method =>
        "Speed against exit and block on all-sync (unused) and on mixed. Holds: within 1 % when unused, and no loss "
            + "when mixed. Holds at a cost: the loss. Broken: it loses on both. "
        + "Beside it, its speed under a VMM that has it enabled and never hands a fault off, as fewer faults wait for "
            + "a fetch, and where the loss passes 1 %. "
        + "And what the flag costs whoever sets it, exit and block included: KVM maps 4 KiB at a time, which slows the "
            + "guest's computing by an unknown part.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var unused = bench.Speedup("all-sync");
        var mixed = bench.Speedup("mixed");
        var verdict = unused is not { } u || mixed is not { } m ? ConcernVerdict.NotDecided
            : u.Mean >= 1 - Noise && m.Mean >= 1 - Noise ? ConcernVerdict.Holds
            : u.Mean < 1 - Noise && m.Mean < 1 - Noise ? ConcernVerdict.Broken
            : ConcernVerdict.HoldsAtACost;
        var enable = bench.Encoding.Description.Capabilities.Select(c => $"{c.Name} ({c.Enable})")
            .DefaultIfEmpty("none of its own");
        return new(Id, bench.Name, verdict, unused is { } n
            ? $"unused {ConcernWords.Number(n)}x, mixed {(mixed is { } x ? ConcernWords.Number(x) : "?")}x"
            : "no run finished",
        [
            ConcernWords.Simulated(bench, "all-sync", unused,
                "speed against exit and block when every fault is resolved at once"),
            ConcernWords.Simulated(bench, "mixed", mixed, "speed against exit and block, half of the pages local"),
            ConcernWords.Swept(bench, Id,
                new Sweep("speed against exit and block on mixed:policy=resolve", "share of local pages",
                SweepScale.Share, s_shares,
                share => bench.Speedup($"mixed:policy=resolve,sync={SweepScale.Share.Text(share)}")) { Level =
                    1 - Noise }.Run()),
            ConcernWords.Swept(bench, Id,
                new Sweep("speed of a guest whose memory KVM maps 4 KiB at a time against one mapped as the host has "
                    + "it, all-sync", "part by which its computing is slower",
                SweepScale.Share, s_slowdowns,
                part => bench.SpeedOf(new(bench.Encoding, "all-sync", Prices.With((Cost.SmallPages, part))),
                    new(bench.Encoding, "all-sync", Prices.Default))) { Level = 1 - Noise }.Run()),
            new("capabilities and how they are switched on: " + string.Join(", ", enable), $"uapi {bench.Name} --size"),
        ])
        {
            SpeedAtOnce = unused?.Mean,
        };
    }
}
