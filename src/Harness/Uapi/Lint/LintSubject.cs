using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>What is linted, and the questions that several rules ask of it.</summary>
/// <param name="Model">The uAPI.</param>
/// <param name="Encoding">The encoding, whose KVM half is tried; null where there is only a description.</param>
internal sealed record LintSubject(UapiModel Model, Encoding? Encoding = null)
{
    /// <summary>Its description.</summary>
    public EncodingDescription Description => Model.Description;

    /// <summary>Structures that the encoding brings.</summary>
    public IEnumerable<StructSpec> NewStructs => Description.Structs.Where(s => UapiModel.Existing(s.Name) is null);

    /// <summary>ioctls that the encoding brings.</summary>
    public IEnumerable<IoctlSpec> NewIoctls => Description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name));

    /// <summary>ioctls of its own that take this structure.</summary>
    public IEnumerable<IoctlSpec> NewIoctlsOf(StructSpec structure) => NewIoctls.Where(i => i.Struct == structure.Name);

    /// <summary>Fields and members that are not in linux/kvm.h already, of structures whose layout is known.</summary>
    public IEnumerable<(StructSpec Struct, PlacedField Field)> NewFields(Abi abi) =>
        from structure in Description.Structs
        let placed = Layouts.Place(structure, abi)
        where placed is not null
        let before = UapiModel.Existing(structure.Name) is { } existing ? Layouts.Place(existing, abi) : null
        from field in placed.Fields
        where before?.Fields.Any(b => b.Path == field.Path && b.Field.Type == field.Field.Type) != true
        select (structure, field);

    /// <summary>The described field that a dotted name such as kvm_run.memory_fault.flags means, or null.</summary>
    public FieldSpec? FieldAt(string dotted)
    {
        var dot = dotted.IndexOf('.', StringComparison.Ordinal);
        var structure = dot < 0 ? null : Model.Find(dotted[..dot]);
        return structure is null ? null : Layouts.Place(structure, Abi.X8664)?.Find(dotted[(dot + 1)..])?.Field;
    }

    /// <summary>Every field and member of a structure, without its place.</summary>
    public static IEnumerable<FieldSpec> Flatten(IEnumerable<FieldSpec> fields) =>
        fields.SelectMany(f => Flatten(f.Members).Prepend(f));
}
