using UapiLab.Abstractions;

namespace UapiLab.Harness.Checking.Model;

/// <summary>The machine around one encoding as a model: an action is an actor's next step together with the answers to
/// the choices within it.</summary>
internal sealed class MachineModel : IModel
{
    private readonly Machines.Reduction.OwnershipTracker _ownership = new();
    private readonly Machines.Execution.TokenTrial _tokens = new();

    /// <summary>An encoding on an instance.</summary>
    public MachineModel(Encoding encoding, CheckInstance instance)
    {
        Encoding = encoding;
        Instance = instance;
        Asked = MachineProperty.Of(instance);
        Properties = [.. Asked.Select(p => p.Spec)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Properties.Count, 64, nameof(instance)); // bits of a word
    }

    /// <inheritdoc/>
    public string Name => Encoding.Description.FullName;

    /// <summary>What is checked.</summary>
    public Encoding Encoding { get; }

    /// <summary>The machine's size and environment.</summary>
    public CheckInstance Instance { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PropertySpec> Properties { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ulong> Interchangeable
    {
        get
        {
            using var worker = new MachineWorker(Encoding, Instance);
            return worker.Interchangeable;
        }
    }

    /// <summary>The properties, with what shows them.</summary>
    internal IReadOnlyList<MachineProperty> Asked { get; }

    /// <summary>The position of a property.</summary>
    internal int IndexOf(string property) => Asked.TakeWhile(p => p.Name != property).Count();

    /// <summary>What was learned of how the encoding guards its words. If a search changes it, its reductions were too
    /// bold, and it has to be run again.</summary>
    public object Learned => _ownership.Learned;

    /// <summary>All that searches of this model have learned, and takes what others have.</summary>
    public ModelLessons Lessons
    {
        get => new(_ownership.Learned.Words, _ownership.Learned.Others, _tokens.Seen);
        set
        {
            _ownership.Learn(value.Words, value.Others);
            _tokens.Learn(value.Tokens);
        }
    }

    /// <summary>Entry points that were seen to compute with a token, so that drawing the lowest free one is not the
    /// same as KVM's counter.</summary>
    public IReadOnlyList<string> ComputesWithTokens => _tokens.Computing;

    /// <summary>What a hostile thread makes up may look like a token.</summary>
    private bool TriesTokens => Instance is { IsHostile: false, TokenDraws: 0, IsForViews: false };

    /// <summary>Makes what one thread walks with.</summary>
    public IWalk CreateWalk() => new MachineWalk(this);

    /// <inheritdoc/>
    public IModelWorker CreateWorker() =>
        new MachineWorker(Encoding, Instance, _ownership, tokens: TriesTokens ? _tokens : null);
}

/// <summary>What searches of one model have learned, as bits that are only ever added.</summary>
/// <param name="Words">How the encoding guards its words.</param>
/// <param name="Others">What other threads do to a vCPU.</param>
/// <param name="Tokens">The entry points that compute with tokens.</param>
internal readonly record struct ModelLessons(ulong Words, ulong Others, long Tokens);
