using UapiLab.Abstractions;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>What a VMM predicts that is right, or wrong. The same for made-up and traced workloads.</summary>
internal static class Predictions
{
    /// <summary>A fetch shorter than this is not worth an APF round trip: two exits, two switches, two wake-ups at the
    /// default costs.</summary>
    private const long SoonNs = 15_000;

    /// <summary>A right prediction names the truth; a wrong one says async for everything else, and sync for
    /// async.</summary>
    public static Prediction AtArming(Disposition truth, bool right) => truth switch
    {
        Disposition.Async => right ? Prediction.Async : Prediction.Sync,
        _ when !right => Prediction.Async,
        Disposition.InFlight => Prediction.SoonThere,
        Disposition.Intercepted => Prediction.Intercept,
        _ => Prediction.Sync,
    };

    /// <summary>Whether a fetch that starts now will be over before an APF would pay; what the VMM believes of
    /// it.</summary>
    public static Prediction AtFetchStart(long fetchNs, bool right) =>
        fetchNs <= SoonNs == right ? Prediction.SoonThere : Prediction.Async;
}
