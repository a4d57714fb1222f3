using UapiLab.Harness.Checking.Histories;

namespace UapiLab.Harness.Lab.Misuse;

/// <summary>What becomes of a mistake; what is worse comes later.</summary>
public enum MisuseVerdict : byte
{
    /// <summary>Nothing breaks, nothing is refused, and no run takes longer.</summary>
    Harmless,
    /// <summary>Nothing breaks; runs take longer.</summary>
    CostsTime,
    /// <summary>An ioctl is refused that is not otherwise, and the guest is unharmed.</summary>
    Refused,
    /// <summary>A bound ended the search before anything broke.</summary>
    NotDecided,
    /// <summary>The guest gets no further.</summary>
    HangsGuest,
    /// <summary>The guest goes on with wrong data, or panics.</summary>
    CorruptsGuest,
    /// <summary>KVM breaks a rule of its own.</summary>
    HarmsKvm,
}

/// <summary>One mistake that was tried.</summary>
/// <param name="Id">Short, by which histories are named.</param>
/// <param name="What">What the VMM does, one clause.</param>
/// <param name="Kind">Kind of mistake.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Why">Which property is broken, which ioctl is refused, or what it costs.</param>
/// <param name="Instance">The smallest machine that shows it, or the last that was tried.</param>
/// <param name="States">Different states of that machine that were looked at.</param>
/// <param name="Rule">What userspace has to keep to, one sentence.</param>
public sealed record MisuseCase(string Id, string What, string Kind, MisuseVerdict Verdict, string Why, string Instance,
    long States, string Rule)
{
    /// <summary>The shortest history of what breaks; null if nothing does.</summary>
    public History? History { get; init; }

    /// <summary>Whether the simulated runs that price mistakes show it: then a VMM's first test does. Null of what is
    /// not simulated.</summary>
    public bool? IsSeenInSimulation { get; init; }

    /// <summary>Which ioctls are refused on the way, and how; empty if none is that is not otherwise.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>The shortest history of the first such refusal.</summary>
    public History? RefusalHistory { get; init; }

    /// <summary>What there is to read, the worst first.</summary>
    public IEnumerable<History> Histories => new[] { History, RefusalHistory }.OfType<History>();

    /// <summary>Whether the guest is lost.</summary>
    public bool IsHarmful => Verdict >= MisuseVerdict.HangsGuest;
}

/// <summary>The careful VMM on one of the machines.</summary>
/// <param name="Instance">The machine.</param>
/// <param name="States">Its states.</param>
/// <param name="Broken">What breaks without a mistake; empty as it should be.</param>
/// <param name="Bound">What ended the search; null if everything was looked at.</param>
public sealed record MisuseControl(string Instance, long States, IReadOnlyList<string> Broken, string? Bound);

/// <summary>Which mistakes of a VMM an encoding punishes.</summary>
/// <param name="Encoding">As typed.</param>
/// <param name="Explored">What was explored: the encoding at its smallest.</param>
/// <param name="Cases">Every mistake that was tried.</param>
/// <param name="Controls">The careful VMM on every machine.</param>
public sealed record MisuseReport(string Encoding, string Explored, IReadOnlyList<MisuseCase> Cases,
    IReadOnlyList<MisuseControl> Controls)
{
    /// <summary>Why the rest was not tried: "interrupted", "time: 60 s"; null if nothing was left out.</summary>
    public string? Stopped { get; init; }

    /// <summary>The same mistakes with what there is without the encoding; null if that was not asked.</summary>
    public MisuseReport? Beside { get; init; }

    /// <summary>Mistakes that hang or corrupt the guest, or harm KVM.</summary>
    public int Harmful => Cases.Count(c => c.IsHarmful);

    /// <summary>The worst: by its verdict, then those that no simulated run shows, then by the length of the
    /// history.</summary>
    public MisuseCase? Worst => Cases.Where(c => c.IsHarmful).OrderByDescending(c => c.Verdict)
        .ThenByDescending(c => c.IsSeenInSimulation == false).ThenBy(c => c.History?.Steps.Count ?? int.MaxValue)
        .FirstOrDefault();

    /// <summary>Harmful ones that pass a VMM's first tests.</summary>
    private int Unseen => Cases.Count(c => c is { IsHarmful: true, IsSeenInSimulation: false });

    private bool IsHarmed(string what) => Cases.Any(c => c.IsHarmful && c.What == what);

    /// <summary>Whether a search was ended by a bound.</summary>
    public bool IsUndecided => Cases.Any(c => c.Verdict == MisuseVerdict.NotDecided);

    /// <summary>What a person would say.</summary>
    public IReadOnlyList<string> Sentences
    {
        get
        {
            var broken = Controls.Where(c => c.Broken.Count > 0).ToArray();
            var left = Cases.Count(c => c.Verdict == MisuseVerdict.NotDecided);
            return
            [
                (Stopped is { } why ? char.ToUpperInvariant(why[0]) + why[1..]
                    + Invariant($": {left} of {Cases.Count} mistakes are not decided. Of the others ") : "")
                    + Invariant($"{Harmful} {(Stopped is null ? $"of {Cases.Count} mistakes " : "")}")
                    + $"hang or corrupt the guest, or harm KVM, with {Encoding}.",
                .. Harmful > 0 && Beside is { Stopped: null } other && other.Encoding != Encoding
                    && Cases.Count(c => c.IsHarmful && other.IsHarmed(c.What)) is var common
                    ? [Invariant($"{common} of them {(common == 1 ? "does" : "do")} so with {other.Encoding} too.")]
                    : Array.Empty<string>(),
                .. Worst is { } worst
                    ? [Invariant($"No simulated run shows {Unseen} of them."),
                        $"Worst: {worst.What} ({worst.Verdict.Words()}).", $"Rule: {worst.Rule}"]
                    : Array.Empty<string>(),
                broken.Length == 0
                    ? Invariant($"The careful VMM holds on the {Controls.Count(c => c.Bound is null)} machines ")
                        + "that were used."
                    : "The careful VMM breaks too: " + string.Join("; ",
                        broken.Select(c => $"{string.Join(", ", c.Broken)} on {c.Instance}")) + ".",
                .. left > 0 && Stopped is null
                    ? [Invariant($"{left} are not decided: a bound ended the search.")] : Array.Empty<string>(),
            ];
        }
    }
}

/// <summary>Verdicts in words.</summary>
public static class MisuseVerdicts
{
    /// <summary>As printed.</summary>
    public static string Words(this MisuseVerdict verdict) => verdict switch
    {
        MisuseVerdict.Harmless => "harmless",
        MisuseVerdict.CostsTime => "costs time only",
        MisuseVerdict.Refused => "cleanly refused",
        MisuseVerdict.NotDecided => "not decided",
        MisuseVerdict.HangsGuest => "hangs the guest",
        MisuseVerdict.CorruptsGuest => "corrupts the guest",
        _ => "harms KVM",
    };
}
