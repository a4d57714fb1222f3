using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>The machine around one encoding as a model: an action is an actor's next step together with the answers to the
/// choices within it.</summary>
public sealed class MachineModel : IModel
{
    private readonly Encoding encoding;

    /// <summary>An encoding on an instance.</summary>
    public MachineModel(Encoding encoding, CheckInstance instance, bool reduce = true)
    {
        this.encoding = encoding;
        Instance = instance;
        Reduces = reduce;
        Properties = [.. Enum.GetValues<ViolationKind>().Select(v => new PropertySpec(v.ToString(), PropertyKind.Always, v.ToString()))];
    }

    /// <inheritdoc/>
    public string Name => encoding.Description.FullName;

    /// <summary>The machine's size and environment.</summary>
    public CheckInstance Instance { get; }

    /// <summary>Whether steps that nobody else can notice are taken together with the next one that somebody can.</summary>
    public bool Reduces { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PropertySpec> Properties { get; }

    /// <inheritdoc/>
    public IModelWorker CreateWorker() => new MachineWorker(encoding, Instance, Reduces);
}
