using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Model;

/// <summary>What a step of the model is on the machine.</summary>
public enum StepKind : byte
{
    /// <summary>An actor's next step.</summary>
    Step,
    /// <summary>A buffered store of an actor becomes visible.</summary>
    Commit,
    /// <summary>A signal reaches the thread of a halted vCPU.</summary>
    Signal,
}

/// <summary>One step of the model.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Actor">Who takes it.</param>
/// <param name="Script">Answers to its choices; valid until the next step.</param>
/// <param name="IsOptional">The environment may never take it.</param>
/// <param name="Which">Which buffered store.</param>
internal readonly record struct MachineStep(StepKind Kind, int Actor, ChoiceScript? Script, bool IsOptional,
    int Which = 0)
{
    /// <summary>For fairness: a thread and its store buffer are two.</summary>
    public int Process(Machine machine) => Kind == StepKind.Commit ? machine.ActorCount + Actor : Actor;
}
