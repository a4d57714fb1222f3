using FsCheck;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Properties;

/// <summary>The same reference, and a userspace that keeps to nothing.</summary>
internal sealed class SurvivesHostileUserspace : GeneratedProperty<WorldCase>
{
    public override string Name => "survives-hostile-userspace";

    public override string Doc =>
        "Whatever is in the shared words or unmapped, and whichever ioctl comes when: KVM's half stays in bounds, "
            + "returns, holds no lock, leaks no APF, and injects and completes none twice.";

    protected override Gen<WorldCase> Cases(Encoding encoding) => WorldCases.Hostile;

    protected override IEnumerable<WorldCase> Smaller(WorldCase value) => WorldCases.Smaller(value);

    protected override string Describe(Encoding encoding, WorldCase value) =>
        WorldRun.StoryOf(encoding, value, isHostile: true);

    protected override ContractBreach? Try(Encoding encoding, WorldCase value, ConformanceSettings settings) =>
        BreachOf(() =>
    {
        using var run = new WorldRun(encoding, value, isHostile: true);
        run.Run();
    });
}
