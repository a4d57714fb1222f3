namespace UapiLab.Harness.Uapi.Lint;

/// <summary>One rule of uAPI design that can be checked. The tables are in <c>Rules/</c>, one for each
/// subject.</summary>
public sealed class LintRule
{
    private readonly Func<LintSubject, IEnumerable<(string Place, string Text)>> _problems;

    internal LintRule(
        string id,
        Severity severity,
        string doc,
        string source,
        Func<LintSubject, IEnumerable<(string Place, string Text)>> problems)
    {
        Id = id;
        Severity = severity;
        Doc = doc;
        Source = source;
        _problems = problems;
    }

    /// <summary>Short name, in lower case with dashes.</summary>
    public string Id { get; }

    /// <summary>How bad it is to break it.</summary>
    public Severity Severity { get; }

    /// <summary>The rule, as one sentence.</summary>
    public string Doc { get; }

    /// <summary>Where it comes from.</summary>
    public string Source { get; }

    /// <summary>Every place that breaks it.</summary>
    internal IEnumerable<Finding> Check(LintSubject subject) =>
        _problems(subject).Select(problem => new Finding(Id, Severity, problem.Place, problem.Text));

    /// <summary>A place and what is wrong there, numbers in the invariant culture.</summary>
    internal static (string Place, string Text) At(string place, FormattableString text) =>
        (place, Invariant(text));
}
