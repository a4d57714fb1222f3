namespace UapiLab.Harness.Foundation.Text;

/// <summary>Decimals without the trailing zeros that arithmetic leaves behind.</summary>
internal static class Numbers
{
    /// <summary>Enough decimal places to make a division renormalise its scale.</summary>
    private const decimal One = 1.0000000000000000000000000000m;

    /// <summary>The same value with the smallest scale, so that equal values have equal text.</summary>
    public static decimal Normalised(this decimal value) => value / One;

    /// <summary>Shortest exact text, invariant.</summary>
    public static string Text(this decimal value) => Invariant($"{value.Normalised()}");
}
