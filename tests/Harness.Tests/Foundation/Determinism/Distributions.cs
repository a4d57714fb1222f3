using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

/// <summary>Generator of distributions of every kind.</summary>
public static class Distributions
{
    public static Arbitrary<Distribution> Any()
    {
        // Small values as well as the whole range, so that equal and adjacent parameters occur.
        Gen<long> ns = Gen.OneOf(
            Gen.Choose(0, 3).Select(value => (long)value),
            Gen.Choose(0, 1_000_000).Select(value => value * 1_000L),
            Gen.Choose(0, int.MaxValue).Select(value => value * (Distribution.MaxParameter / int.MaxValue)),
            Gen.Constant(Distribution.MaxParameter));
        Gen<long?> cap = Gen.OneOf(Gen.Constant((long?)null), ns.Select(value => (long?)Math.Max(1, value)));

        return Gen.OneOf(
            ns.Select(Distribution.Constant),
            ns.Two().Select(pair =>
                Distribution.Uniform(Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2))),
            from mean in ns from bound in cap select Distribution.Exponential(mean, bound),
            from min in ns from mean in ns from bound in cap select Distribution.ShiftedExponential(min, mean, bound),
            from usual in ns
            from other in ns
            from ppm in Gen.Choose(0, 1_000_000)
            select Distribution.Bimodal(usual, other, (uint)ppm)).ToArbitrary();
    }
}
