namespace UapiLab.Cli;

/// <summary>What the program's exit status means (docs/cli.md). Tests hold it to this.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for was done, and nothing is wrong.</summary>
    public const int Fine = 0;

    /// <summary>An encoding broke a rule, or a claim of a proposal does not hold.</summary>
    public const int Violation = 1;

    /// <summary>Bad usage or bad input; one line on standard error says where and what was expected.</summary>
    public const int BadInput = 2;

    /// <summary>Not decided: interrupted, or a claim within noise.</summary>
    public const int Undecided = 3;

    /// <summary>An error of the program itself.</summary>
    public const int Internal = 4;
}
