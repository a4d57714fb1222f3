using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Machines;

/// <summary>
/// How far the current actor may run on its own. Every micro-step spends its cost here; past the horizon another actor
/// may interfere, so the actor stops at the next scheduling point. A checker sets the horizon before the present, which
/// makes every activation exactly one micro-step.
/// </summary>
internal sealed class StepClock
{
    private readonly long[] _costNs = new long[Enum.GetValues<Cost>().Length];

    /// <summary>Clock of the current actor, ns.</summary>
    public long Now;

    /// <summary>Last instant at which no other actor has anything to do, ns.</summary>
    public long Horizon = long.MaxValue;

    /// <summary>Micro-steps taken so far.</summary>
    public long Steps;

    /// <summary>Price of one kind of micro-step, ns.</summary>
    public long this[Cost kind]
    {
        get => _costNs[(int)kind];
        set => _costNs[(int)kind] = value;
    }

    /// <summary>Takes one micro-step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Spend(Cost kind)
    {
        Now += _costNs[(int)kind];
        Steps++;
    }

    /// <summary>Whether another actor may act before the current one's next micro-step.</summary>
    public bool PastHorizon
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Now > Horizon;
    }
}
