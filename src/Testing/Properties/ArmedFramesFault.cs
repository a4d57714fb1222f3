using FsCheck;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Properties;

/// <summary>Arithmetic of ranges, words and masks: the reference is a set of frame numbers.</summary>
internal sealed class ArmedFramesFault : GeneratedProperty<WorldCase>
{
    public override string Name => "armed-frames-fault";

    public override string Doc =>
        "Exactly the frames in the armed ranges fault; once its content arrives a frame no longer does, and its "
            + "neighbours still do.";

    public override bool IsQuick => true;

    protected override Gen<WorldCase> Cases(Encoding encoding) =>
        FsCheck.Fluent.Gen.Select(WorldCases.Armings, ranges => new WorldCase(ranges, []));

    protected override IEnumerable<WorldCase> Smaller(WorldCase value) =>
        Shrinking.Of(value.Armed, WorldCases.Smaller).Select(ranges => value with { Armed = ranges });

    protected override string Describe(Encoding encoding, WorldCase value) =>
        string.Concat(
            value.Armed.Select(
            range => Invariant(
            $"  arm gfn {range.First:x} to {range.First + range.Count - 1:x}, predicted {range.Prediction}\n")));

    protected override ContractBreach? Try(Encoding encoding, WorldCase value, ConformanceSettings settings) =>
        BreachOf(() =>
    {
        using var world = new ContractWorld(encoding, new(1, WorldCase.Gfns, WorldCase.ApfLimit));
        var actor = new Actor("VMM");
        var armed = new HashSet<int>();
        foreach (var range in value.Armed)
        {
            world.Arm(actor, range.First, range.Count, range.Prediction);
            armed.UnionWith(Enumerable.Range(range.First, range.Count));
        }

        Compare(world, armed);
        foreach (var gfn in WorldCase.Touched.Where(armed.Contains).ToArray())
        {
            world.Publish(actor, gfn);
            armed.Remove(gfn);
            Compare(world, armed);
        }
    });

    private static void Compare(ContractWorld world, HashSet<int> armed)
    {
        for (var gfn = 0; gfn < WorldCase.Gfns; gfn++)
        {
            var maps = world.WouldMap(0, gfn);
            if (maps == armed.Contains(gfn))
            {
                throw maps
                    ? new ContractBreach(Breaches.UnpopulatedRead, $"gfn {gfn:x} is armed, and KVM would map it")
                    : new ContractBreach(Breaches.OldBehaviour, $"gfn {gfn:x} is not armed, and KVM would not map it");
            }
        }
    }
}
