using System.Reflection;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Concerns;

/// <summary>A concern that somebody brought (<see cref="IConcern"/>).</summary>
internal sealed class BroughtConcern(IConcern concern) : Concern
{
    public override string Id => concern.Id;

    public override string Title => concern.Title;

    public override string Question => concern.Question;

    public override string Source => concern.Source;

    public override string Method => concern.Method;

    public override Module Code => concern.GetType().Module;

    public override ConcernCell Decide(ConcernBench bench)
    {
        var questions = new RecordedQuestions(bench);
        var (verdict, why) = concern.Decide(questions);
        return questions.Evidence.Count == 0
            ? new(Id, bench.Name, ConcernVerdict.NotDecided, "nothing was asked of the bench", [new("a verdict without evidence", $"concerns {bench.Name} {Id} --explain")])
            : new(Id, bench.Name, verdict, why, questions.Evidence);
    }
}
