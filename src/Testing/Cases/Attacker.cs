using UapiLab.Abstractions;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Cases;

/// <summary>A userspace that does what it likes with what it has: shared words, ioctls, KVM_RUN and eventfds.</summary>
/// <param name="world">Its victim.</param>
/// <param name="tell">Told what it does.</param>
internal sealed class Attacker(ContractWorld world, Action<FormattableString> tell)
{
    private static readonly ulong[] s_values = [0, 1, ulong.MaxValue, uint.MaxValue, 1UL << 63, 2, 0x1000, 0x7fff_ffff];

    private readonly int[] _shared =
        [.. Enumerable.Range(0, world.Encoding.Regions.Count)
            .Where(r => world.Encoding.Regions[r].Owner == RegionOwner.Shared)];

    public void Attack(WorldStep step)
    {
        switch (step.Kind)
        {
            case WorldStepKind.Scribble when _shared.Length > 0:
                Scribble(step);
                break;
            case WorldStepKind.Unmap when _shared.Length > 0:
                var region = world.Encoding.Regions[_shared[step.Vcpu % _shared.Length]];
                tell($"userspace {(step.Variant % 2 == 0 ? "unmaps" : "maps")} {region.Name}");
                world.SetUnreadable(_shared[step.Vcpu % _shared.Length], step.Variant % 2 == 0);
                break;
            case WorldStepKind.Ioctl:
                MakeIoctl(step);
                break;
            case WorldStepKind.Careless when world[step.Vcpu % world.VcpuCount] is { Busy: false, Exit: not null }:
                tell($"userspace calls KVM_RUN of vCPU {step.Vcpu % world.VcpuCount} as if it had seen to the exit");
                world.Run(step.Vcpu % world.VcpuCount, immediateExit: step.Variant % 4 == 3);
                break;
            case WorldStepKind.Signal:
                tell($"userspace signals eventfd {step.Variant % (2 * world.VcpuCount)}");
                world.Signal(NewThread(), step.Variant % (2 * world.VcpuCount));
                break;
            default:
                break; // nothing to attack here
        }
    }

    /// <summary>An attack may cut into another.</summary>
    private static Actor NewThread() => new("attacker");

    private void Scribble(WorldStep step)
    {
        var region = _shared[(step.Vcpu + step.Variant / 16) % _shared.Length];
        var index = (ulong)(step.Frame % world.LengthOf(region));
        tell($"userspace writes {world.Encoding.Regions[region].Name}[{index}] := 0x{ValueOf(step):x}");
        world.Scribble(region, index, ValueOf(step));
    }

    private void MakeIoctl(WorldStep step)
    {
        IoctlCall? chosen;
        lock (world.Gate)
        {
            chosen = CallOf(step);
        }

        if (chosen is { } call)
        {
            var name = world.Encoding.Description.Ioctls.First(i => i.Number == call.Number).Name;
            var (vcpu, words) = (call.Vcpu, call.Argument);
            tell($"userspace makes {name} on vCPU {vcpu} with 0x{words.W0:x} 0x{words.W1:x} 0x{words.W2:x}");
            world.MakeIoctl(NewThread(), call.Vcpu, call.Number, call.Argument);
        }
    }

    /// <summary>Half of them were made before, and are repeated or bent in one place; an attacker knows what
    /// works.</summary>
    private IoctlCall? CallOf(WorldStep step)
    {
        var vcpu = step.Vcpu % world.VcpuCount;
        var value = ValueOf(step);
        if (world.Ioctls.Count > 0 && step.Variant % 4 != 3)
        {
            var known = world.Ioctls[step.Variant / 4 % world.Ioctls.Count];
            return (step.Frame % 4) switch
            {
                0 => known,
                1 => known with { Vcpu = vcpu },
                2 => known with { Argument = known.Argument with { W0 = known.Argument.W0 ^ value } },
                _ => known with { Argument = known.Argument with { W1 = known.Argument.W1 ^ value } },
            };
        }

        var declared = world.Encoding.Description.Ioctls;
        return declared.Count == 0 ? null
            : new(vcpu, declared[step.Variant % declared.Count].Number,
                new(TargetOf(vcpu, step), value & 3, step.Frame == 3 ? value : 0));
    }

    /// <summary>The token of an outstanding APF, the address of a frame, or a number.</summary>
    private ulong TargetOf(int vcpu, WorldStep step) => (step.Variant % 3) switch
    {
        0 when world[vcpu].Queue.Count > 0 => world[vcpu].Queue[step.Frame % world[vcpu].Queue.Count].Ref.Token,
        1 => new Gfn((ulong)WorldCase.Gfn(step.Frame)).Gpa,
        _ => ValueOf(step),
    };

    private static ulong ValueOf(WorldStep step) => s_values[step.Variant % s_values.Length];
}
