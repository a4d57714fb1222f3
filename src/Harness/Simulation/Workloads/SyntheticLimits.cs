using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Simulation.Workloads;

/// <summary>Rules between parameters, which no single option can check.</summary>
internal static class SyntheticLimits
{
    /// <summary>Frames of a memslot: 1 TiB of guest.</summary>
    public const long MaxFrames = 1L << 28;

    /// <summary>Largest value of <see cref="SyntheticParameters.MixPermille"/>, in whole units.</summary>
    public const uint MaxMix = 1_000;

    /// <summary>Rejects parameters that contradict each other.</summary>
    /// <exception cref="InputException">They do.</exception>
    public static void Check(string place, SyntheticParameters p)
    {
        if (p.SyncPermille + p.InFlightPermille + p.InterceptPermille > 1_000)
        {
            throw new InputException(place, "sync, in-flight and intercept are "
                + $"{Thousandths.Format(p.SyncPermille + p.InFlightPermille + p.InterceptPermille)} together, "
                    + $"expected at most 1");
        }

        // Int128: the product of three limits does not fit 64 bits.
        var touched = (Int128)p.Pages * p.MemoryTasks * (p.Shared ? 1 : p.Vcpus);
        if (touched > MaxFrames)
        {
            throw new InputException(place, $"the tasks touch {touched} frames in all, expected at most {MaxFrames}");
        }

        if (p.Gfns != 0 && p.Gfns < touched)
        {
            throw new InputException(place, $"gfns={p.Gfns}: expected 0 or at least the {touched} frames touched");
        }

        if (p.CpuWorkNs > 0 && p.MixPermille > 0)
        {
            throw new InputException(place,
                "cpu and mix both say how much the computing tasks do, expected one of them to be 0");
        }
    }
}
