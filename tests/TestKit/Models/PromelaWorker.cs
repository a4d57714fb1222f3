using UapiLab.Harness.Checking;

namespace UapiLab.TestKit.Models;

/// <summary>
/// What the models transcribed from Promela share: a state is a location for each process, then variables of one byte
/// each; a statement is one transition, and so is the end of a process. As in SPIN only the youngest process can end,
/// and the values of its local variables end with it.
/// </summary>
internal abstract class PromelaWorker(byte[] initial, byte[][] locals) : IModelWorker
{
    protected const byte Ended = 0, AtEnd = 1;
    private const ulong InvalidEndState = 1;

    private readonly byte[] _now = [.. initial];
    private ISuccessors? _sink;
    private bool _canStep;

    /// <summary>The only property: everybody who stands still stands at the end.</summary>
    public static IReadOnlyList<PropertySpec> Properties { get; } =
        [new("no-invalid-end-state", PropertyKind.Always, "Where no process can step, each is at its end.")];

    public void Initial(ISuccessors successors) => successors.Add(initial, new StepInfo(0, 0));

    public void Expand(ReadOnlySpan<byte> state, byte remainingBudget, ISuccessors successors)
    {
        state.CopyTo(_now);
        _sink = successors;
        _canStep = false;
        var youngest = true;
        for (var process = 0; process < locals.Length; process++)
        {
            if (_now[process] > AtEnd)
            {
                Statement(process, _now[process]);
            }
        }

        for (var process = locals.Length - 1; process >= 0 && youngest; process--)
        {
            if (_now[process] == AtEnd)
            {
                End(process);
            }

            youngest = state[process] == Ended;
        }

        if (!_canStep && _now.AsSpan(0, locals.Length).ContainsAnyExceptInRange(Ended, AtEnd))
        {
            successors.Observe(InvalidEndState);
        }
    }

    /// <summary>Takes every statement that a process at a location can execute.</summary>
    protected abstract void Statement(int process, byte location);

    protected byte Value(int variable) => _now[variable];

    /// <summary>A guard that holds, or a skip.</summary>
    protected void Pass(int process, byte to, bool isLocal)
    {
        var from = _now[process];
        _now[process] = to;
        _canStep = true;
        _sink!.Add(_now, new StepInfo(process, 0, isLocal));
        _now[process] = from;
    }

    /// <summary>An assignment.</summary>
    protected void Assign(int process, byte to, int variable, int value, bool isLocal = false)
    {
        var old = _now[variable];
        _now[variable] = unchecked((byte)value);
        Pass(process, to, isLocal);
        _now[variable] = old;
    }

    private void End(int process)
    {
        Span<byte> kept = stackalloc byte[_now.Length];
        _now.CopyTo(kept);
        foreach (var variable in locals[process])
        {
            _now[variable] = 0;
        }

        Pass(process, Ended, isLocal: true);
        kept.CopyTo(_now);
    }

    public void Dispose() => GC.SuppressFinalize(this);
}
