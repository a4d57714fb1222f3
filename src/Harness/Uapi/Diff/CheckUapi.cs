namespace UapiLab.Harness.Uapi.Diff;

/// <summary>What the kernel's scripts/check-uapi.sh says of a change.</summary>
public enum CheckUapiVerdict
{
    /// <summary>It lets it pass.</summary>
    Passes,

    /// <summary>It lets it pass if told to ignore what is ambiguous.</summary>
    PassesWithIgnore,

    /// <summary>It refuses it.</summary>
    Refuses,
}

/// <summary>Foretells check-uapi: it sees what abidiff sees, lets additions and padding put to use pass, and with -i
/// also members appended at an end.</summary>
public static class CheckUapi
{
    /// <summary>Its verdict on all changes together.</summary>
    public static CheckUapiVerdict Of(IReadOnlyList<UapiChange> changes)
    {
        var seen = changes.Where(c => c.SeenByAbidiff).Select(c => c.Class).ToArray();
        return seen.Any(c => c is ChangeClass.Break or ChangeClass.Reported) ? CheckUapiVerdict.Refuses
            : seen.Contains(ChangeClass.Growth) ? CheckUapiVerdict.PassesWithIgnore
            : CheckUapiVerdict.Passes;
    }
}
