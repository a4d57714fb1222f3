using UapiLab.Abstractions;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>An old VMM knows nothing of the encoding, and its guest must not notice that KVM does.</summary>
internal sealed class ZeroIsPlainKvm : ConformanceProperty
{
    private const int Gfns = 3;

    public override string Name => "zero-is-plain-kvm";

    public override string Doc =>
        "Words all zero and no capability: every fault maps, KVM_RUN enters. Frames armed and the vCPU's capability "
            + "off: exits, no APF.";

    public override bool IsQuick => true;

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings) =>
        Tried("every word is 0, and no capability is enabled", story => AllZero(encoding, story))
        ?? Tried("the capability of the vCPUs is not enabled, and every frame is armed",
            story => CapabilityOff(encoding, story));

    /// <summary>There is but one case: what it had come to is as small as it gets.</summary>
    private ConformanceFailure? Tried(string start, Action<Action<string>> run)
    {
        var last = "";
        var breach = BreachOf(() => run(step => last = $"  {step}\n"));
        return Failure(breach, $"  {start}\n{last}");
    }

    private static void AllZero(Encoding encoding, Action<string> tell)
    {
        using var world = new ContractWorld(encoding, new(2, Gfns, 2));
        foreach (var (vcpu, gfn, access) in Accesses())
        {
            tell(Words(vcpu, gfn, access));
            world.Frames[gfn].Mapped = false;
            world.Touch(vcpu, gfn, access);
            if (world[vcpu].Exit is not null || !world.Frames[gfn].Mapped || world[vcpu].Halted)
            {
                throw new ContractBreach(Breaches.OldBehaviour, $"a {access} of gfn {gfn:x} does not simply map");
            }

            world.Run(vcpu, immediateExit: false);
            if (world[vcpu].Exit is not null)
            {
                throw new ContractBreach(Breaches.OldBehaviour, "KVM_RUN returns at once with a fault");
            }
        }

        NoApf(world);
    }

    private static void CapabilityOff(Encoding encoding, Action<string> tell)
    {
        if (!encoding.Description.Capabilities.Any(c => c.Enable == "vcpu"))
        {
            return;
        }

        using var world = new ContractWorld(encoding, new(2, Gfns, 2));
        var actor = new Actor("VMM");
        world.Arm(actor, 0, Gfns, Prediction.Async);
        foreach (var (vcpu, gfn, access) in Accesses())
        {
            tell(Words(vcpu, gfn, access));
            world.Touch(vcpu, gfn, access);
            if (world[vcpu].Exit is null)
            {
                throw new ContractBreach(Breaches.OldBehaviour,
                    $"a {access} of gfn {gfn:x}, which is armed, does not exit");
            }

            world[vcpu].Exit = null;
            NoApf(world);
        }
    }

    private static IEnumerable<(int Vcpu, int Gfn, AccessKind Access)> Accesses() =>
        from vcpu in Enumerable.Range(0, 2)
        from gfn in Enumerable.Range(0, Gfns)
        from access in Enum.GetValues<AccessKind>()
        select (vcpu, gfn, access);

    private static string Words(int vcpu, int gfn, AccessKind access) =>
        Invariant($"vCPU {vcpu} faults on gfn {gfn:x} ({access})");

    private static void NoApf(ContractWorld world)
    {
        for (var vcpu = 0; vcpu < world.VcpuCount; vcpu++)
        {
            if (world[vcpu].Tokens != 0 || world[vcpu].Halted)
            {
                throw new ContractBreach(Breaches.OldBehaviour,
                    $"vCPU {vcpu} has an APF or halts, and nobody enabled any");
            }
        }
    }
}
