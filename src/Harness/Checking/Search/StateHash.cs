namespace UapiLab.Harness.Checking.Search;

/// <summary>How a search tells states apart.</summary>
/// <param name="Seed">Of <see cref="Fingerprint"/>.</param>
/// <param name="Bits">Of a fingerprint that count. Fewer than 64 show what it is to take two states for one.</param>
internal readonly record struct StateHash(ulong Seed, int Bits)
{
    /// <summary>From this bound on the probability of a collision on, one hash is not enough.</summary>
    public const double MostCollisions = 1e-4;

    public static StateHash First { get; } = new(Fingerprint.Seed, 64);

    /// <summary>One that takes other states for one.</summary>
    public StateHash Second => this with { Seed = ~Seed };

    private readonly ulong _mask = ulong.MaxValue >> (64 - Bits);

    public ulong Of(ReadOnlySpan<byte> state) => Fingerprint.Of(state, Seed) & _mask;

    /// <summary>Upper bound on the probability that two of so many states have one fingerprint.</summary>
    public double Collisions(long states) => (double)states * states / Math.Pow(2, Bits + 1);
}
