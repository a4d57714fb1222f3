using UapiLab.Abstractions;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>Two threads of userspace that make an ioctl at once find what they would find in turn.</summary>
internal sealed class IoctlsAreAtomic : ConformanceProperty
{
    private static readonly Errno[] s_refusals = [Errno.Busy, Errno.Again];

    public override string Name => "ioctls-are-atomic";

    public override string Doc =>
        "Two ioctls at once return what they return in one order or the other, and leave the same state; or one is "
            + "refused with a declared EBUSY or EAGAIN, and the other ends as if alone.";

    public override bool IsQuick => true;

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        ConformanceFailure? failure = null;
        var breach = BreachOf(() => failure = Try(encoding, settings));
        return failure ?? Failure(breach);
    }

    private ConformanceFailure? Try(Encoding encoding, ConformanceSettings settings)
    {
        if (encoding.Description.Ioctls.Count == 0)
        {
            return null;
        }

        using var callers = new TwoCallers(encoding, settings.Broken, settings.Seed);
        foreach (var state in callers.States())
        {
            var calls = callers.Calls(state);
            for (var i = 0; i < calls.Count; i++)
            {
                settings.Progress?.Invoke();
                for (var j = i; j < calls.Count; j++)
                {
                    if (Try(encoding.Description, callers, state, [calls[i], calls[j]]) is { } failure)
                    {
                        return failure;
                    }
                }
            }
        }

        return null;
    }

    private ConformanceFailure? Try(EncodingDescription description, TwoCallers callers, byte[] state,
        IoctlCall[] calls)
    {
        // A call that waits for a vCPU in KVM_RUN is not at once with another.
        if (callers.InTurn(state, calls, 0) is not { } oneFirst
            || callers.InTurn(state, calls, 1) is not { } otherFirst)
        {
            return null;
        }

        var alone = new ulong[2];
        var results = new long[2];
        for (var caller = 0; caller < 2; caller++)
        {
            alone[caller] = callers.Alone(state, calls, caller, out results[caller]);
        }

        bool IsRight(Ending ending) => ending == oneFirst || ending == otherFirst
            || (ending.First == results[0] && ending.State == alone[0]
                && IsRefusal(description, calls[1], ending.Second))
            || (ending.Second == results[1] && ending.State == alone[1]
                && IsRefusal(description, calls[0], ending.First));

        if (callers.Other(state, calls, IsRight) is not { } found)
        {
            return null;
        }

        var names = $"{callers.Name(calls[0].Number)} and {callers.Name(calls[1].Number)}";
        var what = found.Ending is not { } ending ? $"{names} at once wait for each other"
            : IsResultOf(ending, oneFirst) || IsResultOf(ending, otherFirst)
                ? $"{names} at once leave a state that neither order of the two leaves"
            : Invariant($"{names} at once return {ending.First} and {ending.Second}; one after the other they return ")
                + Invariant($"{oneFirst.First} and {oneFirst.Second}, or {otherFirst.First} and {otherFirst.Second}");
        return Failure(new ContractBreach(Breaches.NotAtomic, what), callers.Tell(state, calls, found.Schedule));
    }

    private static bool IsResultOf(Ending ending, Ending other) =>
        ending.First == other.First && ending.Second == other.Second;

    private static bool IsRefusal(EncodingDescription description, IoctlCall call, long result) =>
        s_refusals.Any(errno => errno.Negated() == result
            && description.Ioctls.Single(i => i.Number == call.Number).Errors.Any(e => e.Errno == errno));
}
