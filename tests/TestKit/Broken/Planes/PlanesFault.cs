namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with an encoding whose frame state lies in two words. The default is right.</summary>
/// <param name="ReadsUpperFirst">False: KVM reads the plane that is set before the one that is cleared after
/// it.</param>
/// <param name="SetsBeforeClears">False: the VMM leaves one fault state before it enters the other.</param>
internal sealed record PlanesFault(bool ReadsUpperFirst = true, bool SetsBeforeClears = true);
