using System.Collections.Concurrent;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>
/// Whether an encoding computes with APF tokens. A call of a half that was given a token is repeated, without effect,
/// on the same values with other numbers in the place of the tokens. Tokens that are stored, compared and handed on
/// give the same calls, with the other numbers in the same places; anything else is computing. A search draws the
/// lowest free token, which is the same machine up to names only where tokens are not computed with.
/// </summary>
internal sealed class TokenTrial
{
    /// <summary>Counters above the first that can be a token of the search.</summary>
    private const int Counters = 32;

    private const int IdBits = 12;

    private const uint LastCounter = (1 << 20) - 1;

    private static readonly uint[][] s_others = [Backwards(), Scattered(1), Scattered(2), Scattered(3)];

    private readonly ConcurrentDictionary<ulong, bool> _tried = new();
    private long _computes;

    /// <summary>Other numberings that a call is repeated under.</summary>
    public static int Numberings => s_others.Length;

    /// <summary>Entry points that were seen to compute with a token, as they are called.</summary>
    public IReadOnlyList<string> Computing
    {
        get
        {
            var seen = Seen;
            return
            [
                .. from operation in Enum.GetValues<Operation>()
                   where (seen >> (int)operation & 1) != 0
                   select $"{(operation < Operation.OnArm ? "KVM's" : "the VMM's")} {operation}",
            ];
        }
    }

    /// <summary>The same, bit i = operation i.</summary>
    public long Seen => Interlocked.Read(ref _computes);

    /// <summary>Takes what was seen elsewhere.</summary>
    public void Learn(long seen) => Interlocked.Or(ref _computes, seen);

    /// <summary>Whether the value is one of the tokens that a search draws on this machine.</summary>
    public static bool IsToken(ulong value, MachineConfig config)
    {
        var first = (ulong)config.Gfns;
        var counter = value >> IdBits;
        return counter >= first && counter < first + Counters
            && (value & ((1UL << IdBits) - 1)) < (ulong)config.Vcpus;
    }

    /// <summary>The value under another numbering: the id of the vCPU stays.</summary>
    public static ulong Renumbered(ulong value, int numbering, MachineConfig config) => !IsToken(value, config)
        ? value
        : ((ulong)s_others[numbering][(value >> IdBits) - (ulong)config.Gfns] << IdBits)
            | (value & ((1UL << IdBits) - 1));

    /// <summary>Whether a call that is known by this number has not been tried yet.</summary>
    public bool IsNew(ulong call) => _tried.TryAdd(call, true);

    /// <summary>An entry point computes with a token.</summary>
    public void Saw(Operation operation) => Interlocked.Or(ref _computes, 1L << (int)operation);

    /// <summary>Whether two repetitions did the same, tokens apart.</summary>
    public static bool AreAlike(List<ulong> plain, List<ulong> other, int numbering, MachineConfig config)
    {
        if (plain.Count != other.Count)
        {
            return false;
        }

        for (var i = 0; i < plain.Count; i++)
        {
            if (other[i] != plain[i] && other[i] != Renumbered(plain[i], numbering, config))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A number for a call, from what it was given.</summary>
    public static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * 0x9e3779b97f4a7c15;
        return hash ^ (hash >> 29);
    }

    /// <summary>The arguments of an entry point under another numbering.</summary>
    public static T Renumbered<T>(T argument, int numbering, MachineConfig config) => argument switch
    {
        ValueTuple<int, ApfRef>(var vcpu, var apf) => (T)(object)(vcpu, Renumbered(apf, numbering, config)),
        ValueTuple<FaultExit, Handling>(var exit, var wanted) =>
            (T)(object)(exit with { Extra = Renumbered(exit.Extra, numbering, config) }, wanted),
        ulong word => (T)(object)Renumbered(word, numbering, config),
        _ => argument,
    };

    /// <summary>The words of the arguments of an entry point, of which a token may be one.</summary>
    public static (ulong First, ulong Second, ulong Third, ulong Fourth) Words<T>(T argument) => argument switch
    {
        ValueTuple<int, ApfRef>(var vcpu, var apf) => ((ulong)vcpu, apf.Token, apf.Gfn.Value, (ulong)apf.Slot),
        ValueTuple<FaultExit, Handling>(var exit, var wanted) =>
            (exit.Extra, exit.Gfn.Value, exit.Flags, ((ulong)exit.Vcpu << 8) | (ulong)wanted),
        ulong word => (word, 0, 0, 0),
        int number => ((ulong)number, 0, 0, 0),
        GuestFault fault =>
            (fault.Gfn.Value, (ulong)fault.Vcpu, (ulong)fault.Access,
                (fault.Prefetch ? 1UL : 0) | (fault.IsPrivate ? 2UL : 0)),
        RunEntry entry => ((ulong)entry.Vcpu, entry.ImmediateExit ? 1UL : 0, 0, 0),
        _ => (0, 0, 0, 0),
    };

    private static ApfRef Renumbered(ApfRef apf, int numbering, MachineConfig config) =>
        apf with { Token = (uint)Renumbered(apf.Token, numbering, config) };

    /// <summary>The last counters before the wrap, later tokens below earlier ones.</summary>
    private static uint[] Backwards() => [.. Enumerable.Range(0, Counters).Select(i => LastCounter - (uint)i)];

    private static uint[] Scattered(ulong seed)
    {
        var counters = new List<uint>();
        for (ulong i = 0; counters.Count < Counters; i++)
        {
            var counter = 1 + (uint)(Mix(Mix(seed, i + 1), seed) % (LastCounter - 1));
            if (!counters.Contains(counter))
            {
                counters.Add(counter);
            }
        }

        return [.. counters];
    }
}
