using UapiLab.Abstractions;
using UapiLab.Harness.Registry;

namespace UapiLab.Testing.Properties;

/// <summary>What the loader asks of the halves' types.</summary>
internal sealed class StatelessHalves : ConformanceProperty
{
    public override string Name => "stateless-halves";

    public override string Doc => "Both halves are sealed types of read-only fields: all state is in declared regions.";

    public override bool IsQuick => true;

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings) =>
        Failure(BreachOf(() => HalfInspector.Check(encoding)),
            "  the types of both halves are looked at; nothing is run\n");
}
