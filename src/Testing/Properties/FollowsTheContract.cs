using FsCheck;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Properties;

/// <summary>Model-based: the halves against the naive reference, with threads that cut into each other.</summary>
internal sealed class FollowsTheContract : GeneratedProperty<WorldCase>
{
    public override string Name => "follows-the-contract";

    public override string Doc =>
        "Against a naive reference of the contract, under a sane VMM: nothing unpopulated is mapped, events pair, "
            + "locks balance, all that waits is woken, every frame can be had.";

    protected override Gen<WorldCase> Cases(Encoding encoding) => WorldCases.Sane;

    protected override IEnumerable<WorldCase> Smaller(WorldCase value) => WorldCases.Smaller(value);

    protected override string Describe(Encoding encoding, WorldCase value) =>
        WorldRun.StoryOf(encoding, value, isHostile: false);

    protected override ContractBreach? Try(Encoding encoding, WorldCase value, ConformanceSettings settings) =>
        BreachOf(() =>
    {
        using var run = new WorldRun(encoding, value, isHostile: false);
        run.Run();
    });
}
