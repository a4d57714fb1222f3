using UapiLab.Harness.Checking;

namespace UapiLab.TestKit.Models;

/// <summary>The models that SPIN reads too, by the names of their files in bench/spin.</summary>
internal static class SpinModels
{
    public static IReadOnlyList<IModel> All { get; } = [new Counters(), new UserfaultToy(), new LostWakeupToy()];
}
