using FsCheck;
using FsCheck.Fluent;
using UapiLab.Abstractions;

namespace UapiLab.Testing.Cases;

/// <summary>Generators and shrinkers of runs of a world.</summary>
internal static class WorldCases
{
    private const int MostSteps = 60;
    private const int ShallowCut = 4;
    private const int DeepestCut = 12;

    private static readonly (int Weight, WorldStepKind Kind)[] s_sane =
    [
        (14, WorldStepKind.Advance), (4, WorldStepKind.Arrive), (1, WorldStepKind.Prefetch), (2, WorldStepKind.Rearm),
            (1, WorldStepKind.Mode),
        (1, WorldStepKind.Clear), (2, WorldStepKind.Service), (1, WorldStepKind.Refuse),
    ];

    private static readonly (int Weight, WorldStepKind Kind)[] s_hostile =
    [
        .. s_sane, (4, WorldStepKind.Scribble), (1, WorldStepKind.Unmap), (6, WorldStepKind.Ioctl),
            (2, WorldStepKind.Careless), (1, WorldStepKind.Signal),
    ];

    public static Gen<WorldCase> Sane => Of(s_sane);

    public static Gen<WorldCase> Hostile => Of(s_hostile);

    /// <summary>Ranges of frames, mostly one for the whole slot.</summary>
    public static Gen<IReadOnlyList<ArmedRange>> Armings => Gen.Frequency(
        (3, Predictions().Select(p => (IReadOnlyList<ArmedRange>)[new(0, WorldCase.Gfns, p)])),
        (1, Range().ArrayOf().Resize(3).Select(ranges => (IReadOnlyList<ArmedRange>)ranges)));

    public static IEnumerable<WorldCase> Smaller(WorldCase value) =>
    [
        .. Shrinking.Of(value.Steps, Smaller).Select(steps => value with { Steps = steps }),
        .. Shrinking.Of(value.Armed, Smaller).Select(armed => value with { Armed = armed }),
    ];

    public static IEnumerable<ArmedRange> Smaller(ArmedRange range) =>
    [
        .. Shrinking.Of(range.First).Select(first => range with { First = first }),
        .. Shrinking.Of(range.Count).Where(count => count > 0).Select(count => range with { Count = count }),
    ];

    private static IEnumerable<WorldStep> Smaller(WorldStep step) =>
    [
        .. Shrinking.Of(step.Into).Select(into => step with { Into = into }),
        .. Shrinking.Of(step.Frame).Select(frame => step with { Frame = frame }),
        .. Shrinking.Of(step.Vcpu).Select(vcpu => step with { Vcpu = vcpu }),
        .. Shrinking.Of(step.Variant).Select(variant => step with { Variant = variant }),
    ];

    private static Gen<WorldCase> Of((int Weight, WorldStepKind Kind)[] kinds) =>
        from armed in Armings
        from steps in Steps(kinds)
        select new WorldCase(armed, steps);

    private static Gen<IReadOnlyList<WorldStep>> Steps((int Weight, WorldStepKind Kind)[] kinds)
    {
        var step =
            from kind in Gen.Frequency(kinds.Select(k => (k.Weight, Gen.Constant(k.Kind))).ToArray())
            from vcpu in Gen.Choose(0, WorldCase.Vcpus - 1)
            from frame in Gen.Frequency((3, Gen.Choose(0, 1)), (1, Gen.Choose(0, WorldCase.Touched.Count - 1)))
            from variant in Gen.Choose(0, 255)
            from cut in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, ShallowCut)),
                (1, Gen.Choose(1, DeepestCut)))
            select new WorldStep(kind, vcpu, frame, variant, cut);
        return Gen.Choose(1, MostSteps).SelectMany(count => step.ArrayOf(count))
            .Select(steps => (IReadOnlyList<WorldStep>)steps);
    }

    private static Gen<ArmedRange> Range() =>
        from first in Gen.Choose(0, WorldCase.Gfns - 1)
        from count in Gen.Choose(1, WorldCase.Gfns)
        from prediction in Predictions()
        select new ArmedRange(first, Math.Min(count, WorldCase.Gfns - first), prediction);

    private static Gen<Prediction> Predictions() =>
        Gen.Frequency((3, Gen.Constant(Prediction.Async)),
            (1, Gen.Elements(Prediction.Sync, Prediction.SoonThere, Prediction.Intercept)));
}
