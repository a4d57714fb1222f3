using UapiLab.Abstractions;
using UapiLab.Testing.Threads;

namespace UapiLab.Testing.Properties;

/// <summary>As the hostile userspace of generated cases, truly at the same time.</summary>
internal sealed class SurvivesHostileThreads : ConformanceProperty
{
    public override string Name => "survives-hostile-threads";

    public override string Doc =>
        "While one thread writes shared words, unmaps them and makes ioctls, KVM's half on two vCPU threads stays in "
            + "bounds, returns, and injects and completes nothing twice.";

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings) => Failure(BreachOf(() =>
    {
        using var team = new Team(ThreadedRun.Vcpus + 2);
        for (var round = 0; round < settings.Rounds; round++)
        {
            settings.Progress?.Invoke();
            using var run = new ThreadedRun(encoding, settings.Seed + ((ulong)round << 8), isHostile: true);
            run.Run(team.Run);
        }
    }));
}
