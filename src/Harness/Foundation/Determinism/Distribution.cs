namespace UapiLab.Harness.Foundation.Determinism;

/// <summary>A distribution of durations in nanoseconds. The default value is the constant 0.</summary>
/// <remarks>Equal distributions have equal parameters, and <see cref="ToString"/> is the form that
/// <see cref="TryParse"/> reads.</remarks>
public readonly record struct Distribution
{
    /// <summary>Largest parameter in nanoseconds, a little over 11 days. Even the far tail of an exponential with this
    /// mean stays within a 64-bit value.</summary>
    public const long MaxParameter = 1_000_000_000_000_000;

    private const uint Million = 1_000_000;

    private readonly Kind _kind;
    private readonly long _first;
    private readonly long _second;
    private readonly long _third;

    private Distribution(Kind kind, long first, long second = 0, long third = 0)
    {
        (_kind, _first, _second, _third) = (kind, first, second, third);
    }

    private enum Kind : byte
    {
        /// <summary>first: the value.</summary>
        Constant,

        /// <summary>first: low; second: high.</summary>
        Uniform,

        /// <summary>first: shift; second: mean before shift and cap; third: cap before shift, 0 for none.</summary>
        Exponential,

        /// <summary>first, second: the values; third: chance of the second in ppm.</summary>
        Bimodal,
    }

    /// <summary>Expected value in nanoseconds. Exact, except that a capped exponential is rounded to 1e-6 ns and that
    /// rounding each exponential sample to whole nanoseconds is not counted.</summary>
    public decimal Mean => _kind switch
    {
        Kind.Uniform => ((decimal)_first + _second) / 2,
        Kind.Exponential => _first + CappedMean(_second, _third),
        Kind.Bimodal => ((decimal)_first * (Million - _third) + (decimal)_second * _third) / Million,
        _ => _first,
    };

    /// <summary>Always the same value.</summary>
    /// <param name="ns">Nanoseconds, 0 to <see cref="MaxParameter"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The parameter is out of range.</exception>
    public static Distribution Constant(long ns)
    {
        CheckRange(ns, nameof(ns));
        return new(Kind.Constant, ns);
    }

    /// <summary>Every whole nanosecond from <paramref name="low"/> to <paramref name="high"/> is equally likely, both
    /// ends included.</summary>
    /// <param name="low">Nanoseconds, 0 to <paramref name="high"/>.</param>
    /// <param name="high">Nanoseconds, up to <see cref="MaxParameter"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    public static Distribution Uniform(long low, long high)
    {
        CheckRange(high, nameof(high));
        CheckRange(low, nameof(low));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(low, high);
        return new(Kind.Uniform, low, high);
    }

    /// <summary>Exponential; a sample is at most about 44.4 times the mean.</summary>
    /// <param name="mean">Nanoseconds, 0 to <see cref="MaxParameter"/>: the mean before the cap.</param>
    /// <param name="cap">Nanoseconds, 1 to <see cref="MaxParameter"/>: larger samples become this value. Null for no
    /// cap.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    public static Distribution Exponential(long mean, long? cap = null) => ShiftedExponential(0, mean, cap);

    /// <summary>A fixed minimum plus an exponential.</summary>
    /// <param name="min">Nanoseconds, 0 to <see cref="MaxParameter"/>.</param>
    /// <param name="mean">Nanoseconds, 0 to <see cref="MaxParameter"/>: the mean of the exponential part before the
    /// cap.</param>
    /// <param name="cap">Nanoseconds, 1 to <see cref="MaxParameter"/>: bound of the exponential part alone. Null for no
    /// cap.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    public static Distribution ShiftedExponential(long min, long mean, long? cap = null)
    {
        CheckRange(min, nameof(min));
        CheckRange(mean, nameof(mean));
        if (cap is { } bound)
        {
            CheckRange(bound, nameof(cap));
            ArgumentOutOfRangeException.ThrowIfZero(bound, nameof(cap));
        }

        return new(Kind.Exponential, min, mean, cap ?? 0);
    }

    /// <summary>One of two values.</summary>
    /// <param name="usual">Nanoseconds, 0 to <see cref="MaxParameter"/>.</param>
    /// <param name="other">Nanoseconds, 0 to <see cref="MaxParameter"/>.</param>
    /// <param name="ppm">Chance of <paramref name="other"/> in parts per million, 0 to 1 000 000.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    public static Distribution Bimodal(long usual, long other, uint ppm)
    {
        CheckRange(usual, nameof(usual));
        CheckRange(other, nameof(other));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ppm, Million);
        return new(Kind.Bimodal, usual, other, ppm);
    }

    /// <summary>Reads <c>30us</c>, <c>const(30us)</c>, <c>uniform(20us,50us)</c>, <c>exp(30us)</c>,
    /// <c>exp(30us,cap=1ms)</c>, <c>min(20us)+exp(10us)</c> or <c>mix(30us,5ms,ppm=20000)</c>.</summary>
    /// <param name="text">The text; spaces around names, values and separators are ignored.</param>
    /// <param name="value">The distribution, or the default on failure.</param>
    /// <param name="expected">What should have stood there, to follow "expected "; empty on success.</param>
    public static bool TryParse(string? text, out Distribution value, out string expected) =>
        DistributionParser.TryParse(text, out value, out expected);

    /// <summary>One sample in nanoseconds, 0 or more; a function of the word alone.</summary>
    /// <param name="word">A uniform 64-bit word. No kind needs more than one.</param>
    public long Sample(ulong word) => _kind switch
    {
        Kind.Uniform => _first + (long)CounterRandom.Below(word, (ulong)(_second - _first) + 1),
        Kind.Exponential => _first + SampleExponential(word, _second, _third),
        Kind.Bimodal => CounterRandom.PartsPerMillion(word, (uint)_third) ? _second : _first,
        _ => _first,
    };

    /// <summary>The shortest form that <see cref="TryParse"/> reads back as an equal value.</summary>
    public override string ToString() => _kind switch
    {
        Kind.Uniform => $"uniform({Durations.Format(_first)},{Durations.Format(_second)})",
        Kind.Exponential =>
            (_first == 0 ? "" : $"min({Durations.Format(_first)})+")
            + $"exp({Durations.Format(_second)}"
            + (_third == 0 ? ")" : $",cap={Durations.Format(_third)})"),
        Kind.Bimodal => Invariant(
            $"mix({Durations.Format(_first)},{Durations.Format(_second)},ppm={_third})"),
        _ => Durations.Format(_first),
    };

    private static long SampleExponential(ulong word, long mean, long cap)
    {
        UInt128 product = Math.BigMul((ulong)mean, FixedPointLog.NegativeLn(word));
        const ulong half = 1UL << (FixedPointLog.FractionBits - 1);
        long value = (long)((product + half) >> FixedPointLog.FractionBits);
        return cap == 0 ? value : Math.Min(value, cap);
    }

    private static decimal CappedMean(long mean, long cap) =>
        mean == 0 || cap == 0
            ? mean
            : Math.Round(mean * (1 - DecimalMath.ExpNegative((decimal)cap / mean)), 6);

    private static void CheckRange(long ns, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ns, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ns, MaxParameter, name);
    }
}
