using UapiLab.Harness.Machines;

namespace UapiLab.Live;

/// <summary>A measurement that yields prices, or only holds a count to what it says.</summary>
/// <param name="Name">As documents and the sources of prices name it.</param>
/// <param name="Method">What is done, and which part of it is the price; one or two sentences.</param>
/// <param name="Yields">The prices.</param>
/// <param name="Needs">Without one of these there are none.</param>
/// <param name="Round">Does it once, on a thread of its own on <see cref="Host.First"/>.</param>
internal sealed record Probe(
    string Name, string Method, IReadOnlyList<Cost> Yields, IReadOnlyList<Need> Needs,
    Func<Host, IEnumerable<Reading>> Round);

/// <summary>What one round says of a price, in ns.</summary>
/// <param name="Kind">The price.</param>
/// <param name="Ns">Its value.</param>
/// <param name="Low">What it may be at least.</param>
/// <param name="High">What it may be at most; null where the probe cannot see it, and the assumed end stays.</param>
internal readonly record struct Reading(Cost Kind, double Ns, double Low, double? High)
{
    /// <summary>A price whose range is the spread of the rounds.</summary>
    public Reading(Cost kind, double ns)
        : this(kind, ns, ns, ns)
    {
    }

    /// <summary>A price that a host may well exceed where something is not measured.</summary>
    public static Reading AtLeast(Cost kind, double ns) => new(kind, ns, ns, null);
}

/// <summary>What was counted is not what was to be measured.</summary>
internal sealed class ProbeFailedException(string why) : Exception(why);
