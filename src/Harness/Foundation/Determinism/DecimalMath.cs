namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>Functions that <see cref="decimal"/> lacks. Decimal arithmetic is integer code in the runtime, so the
/// results are equal on every CPU.</summary>
internal static class DecimalMath
{
    /// <summary>Square root, correct to two units in the last of 28 decimal places or 28 significant digits.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    public static decimal Sqrt(decimal value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        if (value == 0)
        {
            return 0;
        }

        // From any start not below the root, Newton's steps fall towards it until rounding stops them.
        decimal root = Math.Max(value, 1);
        while (true)
        {
            // Not (root + value / root) / 2: that sum could overflow.
            decimal next = root - (root - value / root) / 2;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    /// <summary>e to the power -<paramref name="x"/>; the absolute error is below 1e-24.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="x"/> is negative.</exception>
    public static decimal ExpNegative(decimal x)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        if (x > 64)
        {
            return 0; // e^-64 is 1.6e-28, beyond the promised accuracy.
        }

        int halvings = 0;
        for (; x > 0.5m; x /= 2)
        {
            halvings++;
        }

        decimal sum = 1;
        decimal term = 1;
        for (int i = 1; term != 0; i++)
        {
            term *= -x / i;
            sum += term;
        }

        for (; halvings > 0; halvings--)
        {
            sum *= sum;
        }

        return sum;
    }
}
