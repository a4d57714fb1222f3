using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Machines;

/// <summary>A sentence for the listener, put together only if there is one.</summary>
[InterpolatedStringHandler]
internal ref struct Telling
{
    private DefaultInterpolatedStringHandler text;

    public Telling(int literalLength, int formattedCount, OperationWorld world, out bool isHeard)
    {
        isHeard = world.IsHeard;
        text = isHeard ? new(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string value) => text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    public override string ToString() => text.ToStringAndClear();
}
