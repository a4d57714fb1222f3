using UapiLab.Abstractions;

namespace UapiLab.Testing.Cases;

/// <summary>What an actor does next. Numbers are taken modulo what there is, so that every case means
/// something.</summary>
internal enum WorldStepKind
{
    /// <summary>A vCPU goes on: handles its exit, calls KVM_RUN, takes a ready, or touches a frame.</summary>
    Advance,
    /// <summary>The content of a frame that is being fetched arrives.</summary>
    Arrive,
    /// <summary>A frame is fetched ahead.</summary>
    Prefetch,
    /// <summary>The VMM parks its vCPUs and arms a frame again.</summary>
    Rearm,
    /// <summary>The guest enters user mode, kernel mode, or a section with interrupts off.</summary>
    Mode,
    /// <summary>The guest disables APF, or enables it again.</summary>
    Clear,
    /// <summary>A work item of KVM, or an eventfd handler of the VMM, runs.</summary>
    Service,
    /// <summary>KVM's next write of an event to guest memory fails.</summary>
    Refuse,

    // From here on userspace is not what the VMM half makes of it.

    /// <summary>Userspace writes a shared word.</summary>
    Scribble,
    /// <summary>Userspace unmaps a shared region, or maps it again.</summary>
    Unmap,
    /// <summary>Userspace makes an ioctl: one that was made before, bent or not, or one with arguments of its
    /// own.</summary>
    Ioctl,
    /// <summary>Userspace calls KVM_RUN without having seen to the exit.</summary>
    Careless,
    /// <summary>Userspace signals an eventfd.</summary>
    Signal,
}

/// <summary>One step.</summary>
/// <param name="Kind">What.</param>
/// <param name="Vcpu">Which vCPU, or region.</param>
/// <param name="Frame">Which frame, or word.</param>
/// <param name="Variant">How.</param>
/// <param name="Into">0: on its own. Otherwise another thread does it in the middle of the next step that is on its
/// own, before its call with this number.</param>
internal readonly record struct WorldStep(WorldStepKind Kind, int Vcpu, int Frame, int Variant, int Into);

/// <summary>Frames that are armed before the guest starts.</summary>
internal readonly record struct ArmedRange(int First, int Count, Prediction Prediction);

/// <summary>A run of a world.</summary>
internal sealed record WorldCase(IReadOnlyList<ArmedRange> Armed, IReadOnlyList<WorldStep> Steps)
{
    public const int Vcpus = 2;
    public const int Gfns = 70;
    public const int ApfLimit = 2;

    /// <summary>The frames that the guest touches: neighbours, and those at the end of a word.</summary>
    public static IReadOnlyList<int> Touched { get; } = [0, 1, 63, 64];

    public static int Gfn(int frame) => Touched[frame % Touched.Count];
}
