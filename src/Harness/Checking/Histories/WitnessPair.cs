namespace UapiLab.Harness.Checking;

/// <summary>Two histories that look the same to somebody who would have to act differently in them: what they show is that
/// nobody in that place can tell, however clever.</summary>
public sealed record WitnessPair
{
    /// <summary>What the pair shows: the heading of the section.</summary>
    public required string Title { get; init; }
    /// <summary>Who cannot tell them apart: "KVM at the fault".</summary>
    public required string Viewer { get; init; }
    /// <summary>Everything the viewer has seen, the same in both.</summary>
    public required IReadOnlyList<string> CommonView { get; init; }
    /// <summary>One history.</summary>
    public required History First { get; init; }
    /// <summary>What the viewer would have to do in it.</summary>
    public required string FirstNeed { get; init; }
    /// <summary>The other history.</summary>
    public required History Second { get; init; }
    /// <summary>What the viewer would have to do in that one.</summary>
    public required string SecondNeed { get; init; }
}
