namespace UapiLab.Harness.Uapi;

/// <summary>One rule of uAPI design that can be checked.</summary>
/// <param name="Id">Short name, in lower case with dashes.</param>
/// <param name="Severity">How bad it is to break it.</param>
/// <param name="Doc">The rule, as one sentence.</param>
/// <param name="Source">Where it comes from.</param>
internal abstract record LintRule(string Id, Severity Severity, string Doc, string Source)
{
    /// <summary>Every place that breaks it.</summary>
    public IEnumerable<Finding> Check(LintSubject subject) =>
        Problems(subject).Select(problem => new Finding(Id, Severity, problem.Place, problem.Text));

    /// <summary>Places and what is wrong there.</summary>
    protected abstract IEnumerable<(string Place, string Text)> Problems(LintSubject subject);
}
