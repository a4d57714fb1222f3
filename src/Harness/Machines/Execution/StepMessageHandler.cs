using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>A sentence for the listener, put together only if there is one.</summary>
[InterpolatedStringHandler]
internal ref struct StepMessageHandler
{
    private DefaultInterpolatedStringHandler _text;

    public StepMessageHandler(int literalLength, int formattedCount, OperationWorld world, out bool isHeard)
    {
        isHeard = world.IsHeard;
        _text = isHeard ? new(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture)
            : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override string ToString() => _text.ToStringAndClear();
}
