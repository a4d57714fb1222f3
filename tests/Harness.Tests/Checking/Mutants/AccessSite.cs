using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Tests.Checking.Mutants;

/// <summary>What an access does to memory.</summary>
internal enum AccessVerb : byte { Load, Store, Fill, Exchange, CompareExchange, And, Or, Add, Fence }

/// <summary>An operation of one of the halves. The handlers of different ioctls are different operations, and so are
/// those of the operations that one ioctl number carries.</summary>
internal readonly record struct HalfOperation(bool InKvm, Operation Operation, uint Ioctl = 0, uint Op = 0)
{
    public string Describe(EncodingDescription encoding)
    {
        var half = InKvm ? "KVM" : "VMM";
        if (Operation != Operation.OnIoctl)
        {
            return $"{half} {Operation}";
        }

        var number = Ioctl;
        var spec = encoding.Ioctls.FirstOrDefault(i => i.Number == number);
        var value = Op;
        var op = spec?.Operations.FirstOrDefault(o => o.Value == value)?.Name
            ?? (spec?.OpOffset >= 0 ? $"op {Op}" : "");
        return $"{half} {Operation} {spec?.Name ?? $"ioctl {Ioctl}"} {op}".TrimEnd();
    }
}

/// <summary>
/// A place in an encoding's code, as far as it can be told from outside: the n-th access of one kind to one region
/// within a call of an operation. Rounds of a loop with a checkpoint are the same place.
/// </summary>
internal readonly record struct AccessSite(HalfOperation Operation, AccessVerb Verb, Region Region, int Occurrence)
{
    public string Describe(Encoding encoding)
    {
        var what = Verb switch
        {
            AccessVerb.Load => "load",
            AccessVerb.Store => "store",
            AccessVerb.Fill => "fill",
            AccessVerb.Exchange => "xchg",
            AccessVerb.CompareExchange => "cmpxchg",
            AccessVerb.And => "fetch_and",
            AccessVerb.Or => "fetch_or",
            AccessVerb.Add => "fetch_add",
            _ => "fence",
        };
        var where = Verb == AccessVerb.Fence ? "" : $" {encoding.Regions[Region.Id].Name}";
        return Invariant($"{Operation.Describe(encoding.Description)}: {what}{where} #{Occurrence}");
    }
}

/// <summary>Numbers the accesses of one call of an operation.</summary>
internal sealed class CallSites(HalfOperation operation)
{
    private readonly RoundMemory<(AccessVerb, Region), int> _counts = new();

    public AccessSite Next(AccessVerb verb, Region region) =>
        new(operation, verb, region, ++_counts[(verb, region)]);

    /// <summary>Loops entered so far, but for those that a later round of an outer one forgot.</summary>
    public int Loops => _counts.Loops;

    /// <summary>The head of a loop.</summary>
    /// <returns>False in the first round.</returns>
    public bool IsLaterRound(int label) => _counts.IsLaterRound(label);
}
