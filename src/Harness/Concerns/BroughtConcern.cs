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
        ConcernVerdict verdict;
        string why;
        try
        {
            (verdict, why) = concern.Decide(questions);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or Machines.EncodingDefectException))
        {
            // One cell that says so; the encoding is not to blame.
            var what = $"it threw {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
            return new(Id, bench.Name, ConcernVerdict.NotDecided, what, [new(what, $"concerns {bench.Name} {Id} --explain --fresh")]);
        }

        return questions.Evidence.Count == 0
            ? new(Id, bench.Name, ConcernVerdict.NotDecided, "nothing was asked of the bench", [new("a verdict without evidence", $"concerns {bench.Name} {Id} --explain")])
            : new(Id, bench.Name, verdict, why, questions.Evidence);
    }
}
