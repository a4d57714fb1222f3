using System.Collections.Immutable;
using UapiLab.Abstractions;

// The fields are the point: nothing else uses them.
#pragma warning disable CS0414, CS0169, CS0649, IDE0044, IDE0051, IDE0052, CA1823, CA1852, CA2211, CS9113

namespace UapiLab.Harness.Tests.Registry;

internal enum Colour
{
    Red,
}

internal sealed record Settings(string Name, int Bits, Colour Colour, Settings? Next = null);

internal sealed class Box
{
    public int Value = 1;
}

internal sealed class GoodKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private const int Words = 4;
    private static readonly Region s_bitmap = new(0);
    private readonly Settings _settings = new("x", 2, Colour.Red);
    private readonly ImmutableArray<ulong> _masks = [1, 2];
    private readonly decimal _share = 0.5m;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;
}

internal sealed class LambdaKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => Decide(gfn => gfn.Value == 0, fault.Gfn);

    private static FaultAnswer Decide(Func<Gfn, bool> isFirst, Gfn gfn) =>
        isFirst(gfn) ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class CounterKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private int _count;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => _count++ == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class PropertyKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private ulong Last { get; set; }

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault)
    {
        Last = fault.Gfn.Value;
        return FaultAnswer.Map;
    }
}

internal sealed class CapturingKvmHalf<TKvm>(int limit) : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public CapturingKvmHalf()
        : this(1)
    {
    }

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => limit == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class StaticKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private static int s_faults;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        s_faults++ == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class ReadonlyListKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly List<ulong> _seen = [];

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => _seen.Contains(fault.Gfn.Value) ? FaultAnswer.Map
        : FaultAnswer.Retry;
}

internal sealed class ReadonlyArrayKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private static readonly ulong[] s_table = new ulong[4];

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        s_table[0]++ == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class PointerKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly nint _address;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => _address == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal abstract class StatefulBase<TKvm>
{
    private int _depth;

    protected int Deeper() => ++_depth;
}

internal sealed class InheritingKvmHalf<TKvm> : StatefulBase<TKvm>, IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => Deeper() == 1 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class NestingKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => Cache.Hit() ? FaultAnswer.Map : FaultAnswer.Retry;

    private static class Cache
    {
        private static int s_hits;

        public static bool Hit() => s_hits++ > 0;
    }
}

internal sealed class BoxKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly Box _box = new();

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) =>
        _box.Value++ == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal sealed class DelegateKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    private readonly Func<ulong> _next = () => 1;

    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => _next() == 0 ? FaultAnswer.Map : FaultAnswer.Retry;
}

internal class OpenKvmHalf<TKvm> : IKvmHalf<TKvm>
    where TKvm : struct, IKvm
{
    public FaultAnswer OnGuestFault(TKvm kvm, GuestFault fault) => FaultAnswer.Map;
}
