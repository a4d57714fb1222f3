using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>What is reserved today can mean something tomorrow only if userspace cannot use it.</summary>
internal sealed class ReservedIsRefused : ConformanceProperty
{
    /// <summary>The frame with an APF outstanding; not 0, so that a zeroed argument does not name it.</summary>
    private const int Gfn = 1;

    private const int CarrierBytes = 32;

    private static readonly string s_outstanding =
        $"  arm gfn 0 to 2, predicted Async\n  vCPU 0 faults on gfn {Gfn:x} (Write)\n  if it exits, the VMM hands the "
            + $"fault off and calls KVM_RUN\n";

    public override string Name => "reserved-is-refused";

    public override string Doc =>
        "An ioctl with a reserved field set or an unknown operation is -EINVAL and changes nothing; a zeroed argument "
            + "changes nothing.";

    public override bool IsQuick => true;

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        IReadOnlyList<IoctlCall> made = [];
        if (BreachOf(() => made = IoctlsOfAFault(encoding)) is { } breach)
        {
            return Failure(breach, s_outstanding + $"  the content of gfn {Gfn:x} arrives\n");
        }

        foreach (var spec in encoding.Description.Ioctls)
        {
            foreach (var (argument, what, mustFail) in Arguments(encoding, spec,
                made.LastOrDefault(i => i.Number == spec.Number).Argument))
            {
                if (Failure(BreachOf(() => Try(encoding, spec, argument, what, mustFail)), s_outstanding
                    + $"  {spec.Name} with {what}\n") is { } failure)
                {
                    return failure;
                }
            }
        }

        return null;
    }

    private static IEnumerable<(IoctlArgument Argument, string What, bool MustFail)> Arguments(Encoding encoding,
        IoctlSpec spec, IoctlArgument known)
    {
        yield return (default, "a zeroed argument", false);
        var type = encoding.Description.Structs.FirstOrDefault(s => s.Name == spec.Struct);
        var placed = type is null ? null : Layouts.Place(type, Abi.X8664);
        foreach (var field in placed?.Fields.Where(f => f.Field.MustBeZero) ?? [])
        {
            for (var place = field.Offset * 8; place < Math.Min(field.End, CarrierBytes) * 8; place++)
            {
                yield return (Flip(known, place), $"bit {place - (field.Offset * 8)} of {field.Path}", true);
            }
        }

        if (spec.OpOffset >= 0)
        {
            var cleared = Enumerable.Range(spec.OpOffset * 8, 32)
                .Aggregate(known, (argument, place) => IsSet(argument, place) ? Flip(argument, place) : argument);
            yield return (Flip(cleared, (spec.OpOffset * 8) + 31), "operation 0x80000000", true);
        }
    }

    private static void Try(Encoding encoding, IoctlSpec spec, IoctlArgument argument, string what, bool mustFail)
    {
        using var world = OutstandingFault(encoding);
        var (words, done) = (world.Snapshot(), world[0].Done.Count);
        var result = world.ResultOf(new Actor("VMM"), new(0, spec.Number, argument));
        if (mustFail && result != Errno.Invalid.Negated())
        {
            throw new ContractBreach(Breaches.Reserved,
                $"{spec.Name} with {what} set returns {result}, expected -EINVAL");
        }

        if (world[0].Done.Count != done || !world.Snapshot().SequenceEqual(words))
        {
            throw new ContractBreach(Breaches.Reserved,
                $"{spec.Name} with {what} returns {result}, and changes something");
        }
    }

    private static IReadOnlyList<IoctlCall> IoctlsOfAFault(Encoding encoding)
    {
        using var world = OutstandingFault(encoding);
        world.Publish(new Actor("I/O thread"), Gfn);
        return world.Ioctls;
    }

    /// <summary>A fault handed off, and KVM_RUN called again: an APF is outstanding, if the encoding starts
    /// any.</summary>
    private static ContractWorld OutstandingFault(Encoding encoding)
    {
        var world = new ContractWorld(encoding, new(1, 3, 2));
        var actor = new Actor("VMM");
        world.CreateVcpus(actor);
        world.Arm(actor, 0, 3, Prediction.Async);
        world.Touch(0, Gfn, AccessKind.Write);
        if (world[0].Exit is not null)
        {
            world.HandleExit(0, Handling.HandOff, Prediction.Async);
            world.Run(0, immediateExit: false);
        }

        return world;
    }

    private static bool IsSet(IoctlArgument argument, int place) => (WordOf(argument, place) >> (place % 64) & 1) != 0;

    private static ulong WordOf(IoctlArgument argument, int place) =>
        (place / 64) switch { 0 => argument.W0, 1 => argument.W1, 2 => argument.W2, _ => argument.W3 };

    private static IoctlArgument Flip(IoctlArgument argument, int place)
    {
        var word = WordOf(argument, place) ^ (1UL << (place % 64));
        return (place / 64) switch
        {
            0 => argument with { W0 = word },
            1 => argument with { W1 = word },
            2 => argument with { W2 = word },
            _ => argument with { W3 = word },
        };
    }
}
