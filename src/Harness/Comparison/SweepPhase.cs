namespace UapiLab.Harness.Comparisons;

/// <summary>Speed-ups along one parameter of a workload.</summary>
internal static class SweepPhase
{
    public static SweepResult Run(Bench bench, SweepPlan plan)
    {
        Variation At(PlannedWorkload workload) => workload.At(workload.Predict, workload.CommonPolicy);
        bench.Pool.Do("sweeping " + plan.Parameter, plan.Points.SelectMany(p => bench.Plan.Encodings.SelectMany(e => bench.Jobs(e, At(p.Value)))));
        return new(plan.Name, plan.Parameter, plan.Doc, [.. plan.Points.Select(p => p.Key)],
        [
            .. bench.Plan.Encodings.Where(e => e != bench.Baseline).Select(e => new SweepRow(e.Name,
                [.. plan.Points.Select(p => bench.SampleOf(e, At(p.Value))?.SpeedupOver(bench.SampleOf(bench.Baseline, At(p.Value))))])),
        ]);
    }
}
