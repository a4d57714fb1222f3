namespace UapiLab.Harness.Lab.Published;

/// <summary>A figure beside its measurement.</summary>
/// <param name="Row">What was published.</param>
/// <param name="Simulated">Pages per second that come out of the machine, counted as in the publication.</param>
public sealed record PublishedOutcome(PublishedRow Row, long Simulated)
{
    /// <summary>Most that a predicted row may be off, in thousandths.</summary>
    public const long WantedPermille = 1_500;

    /// <summary>Simulated by published, in thousandths.</summary>
    public long RatioPermille => ((Simulated * 1_000) + (Row.PagesPerSecond / 2)) / Row.PagesPerSecond;

    /// <summary>Whether the two are within the factor that is wanted.</summary>
    public bool IsWithin => Simulated * 1_000 <= Row.PagesPerSecond * WantedPermille
        && Row.PagesPerSecond * 1_000 <= Simulated * WantedPermille;
}

/// <summary>A value that was fitted.</summary>
/// <param name="Fit">To what.</param>
/// <param name="Value">ns, or thousandths for the factor.</param>
public sealed record PublishedFitted(PublishedFit Fit, long Value)
{
    /// <summary>The cost as cost tables name it.</summary>
    public string Name => Fit.Cost is { } cost ? Simulation.CostTableReader.NameOf(cost) : "all costs";
}

/// <summary>One series beside its measurements.</summary>
/// <param name="Series">Which.</param>
/// <param name="Fitted">What was fitted.</param>
/// <param name="Outcomes">Each row.</param>
public sealed record PublishedResult(PublishedSeries Series, IReadOnlyList<PublishedFitted> Fitted,
    IReadOnlyList<PublishedOutcome> Outcomes)
{
    /// <summary>Doublings of vCPUs between the published peak of the whole VM and the simulated one.</summary>
    public int PeakOffByDoublings
    {
        get
        {
            int Peak(Func<PublishedOutcome, long> pages) =>
                Outcomes.MaxBy(o => pages(o) * (Series.IsPerVcpu ? o.Row.Vcpus : 1))!.Row.Vcpus;
            return Math.Abs(int.Log2(Peak(o => o.Simulated)) - int.Log2(Peak(o => o.Row.PagesPerSecond)));
        }
    }
}
