using UapiLab.Abstractions;

namespace UapiLab.Harness.Lab.Concerns.Catalog;

/// <summary>C15.</summary>
internal sealed class C15Rearming : Concern
{
    public override string Id => "C15";
    public override string Title => "poison and re-arming";
    public override string Question => "Does re-arming a page take effect, and what can the guest read meanwhile?";
    public override string Source =>
        "KVM Userfault reviews: setting a bit for a mapped page does nothing without a zap";
    public override string Method =>
        "Every interleaving of re-arming a page while the guest runs and faults are outstanding: the bit is set and "
            + "the "
            + "page discarded, whose invalidation unmaps it (re-arm, re-arm-frames); the same through a memslot update "
            + "with the vCPUs parked (re-arm-memslot); and the violations of the re-arm workload. "
        + "And a restore of the whole VM, which arms every frame anew, with APFs outstanding (restore); what a "
            + "missing APF area does then is shown beside it (restore-area), and decides nothing: it is the same for "
            + "whatever uses APFs. "
        + "Broken: the guest reads an unpopulated page or loses a wake-up.";

    public override ConcernCell Decide(ConcernBench bench)
    {
        var tasks = bench.Explore(ConcernWords.Instance("re-arm"));
        var frames = bench.Explore(ConcernWords.Instance("re-arm-frames"));
        var memslot = bench.Explore(ConcernWords.Instance("re-arm-memslot"));
        var restored = bench.Explore(ConcernWords.Instance("restore"));
        var withoutArea = bench.Explore(ConcernWords.Instance("restore-area"));
        var verdict = ConcernWords.Of([tasks, frames, memslot, restored]);
        var speed = bench.Speedup("re-arm");
        return new(Id, bench.Name, verdict,
            verdict == ConcernVerdict.Broken ? "breaks, see the history" : "by discarding the page, no vCPU is parked",
            [ConcernWords.Checked(tasks), ConcernWords.Checked(frames), ConcernWords.Checked(memslot),
                ConcernWords.Checked(restored), ConcernWords.Checked(withoutArea),
                ConcernWords.Simulated(bench, "re-arm", speed,
                "speed against exit and block while frames are re-armed")]);
    }
}
