namespace UapiLab.Harness.Uapi;

/// <summary>Every rule there is: layout first, then requests, numbers, life cycle, and what is tried on the KVM half.</summary>
internal static class LintRules
{
    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        new ImplicitPadding(),
        new WidthDependentType(),
        new WidthDependentTarget(),
        new PointerAsInteger(),
        new CompatLayout(),
        new DeclaredLayout(),
        new ReservedUnchecked(),
        new UngatedField(),
        new NoRoomToGrow(),
        new UncheckedFlags(),
        new RefusalUndeclared(),
        new OperationField(),
        new OperationZero(),
        new OperationClash(),
        new FlagClash(),
        new CapabilityClash(),
        new CapabilityUnnumbered(),
        new IoctlClash(),
        new IoctlDirection(),
        new IoctlSize(),
        new NotDiscoverable(),
        new NotDefaultOff(),
        new LostOnRestore(),
        new UnreachableRegion(),
        new Undocumented(),
        new MacroName(),
        new ContestedValue(),
        new AbiBreak(),
        new AbiReported(),
        new AbiGrowth(),
        new UnknownIoctl(),
        new ReservedNotRefused(),
        new OperationNotRefused(),
    ];
}
