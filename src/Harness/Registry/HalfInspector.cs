using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Registry;

/// <summary>Rejects halves that could hold state outside the declared regions. Such state would not be hashed,
/// replayed, saved or restored, and could carry the VMM's knowledge into KVM.</summary>
/// <remarks>It looks at the type of each half, its base types and the static fields of its nested types. A static field
/// of a class that a half merely calls is out of its sight; the tests of the encodings' assembly cover those.</remarks>
internal static class HalfInspector
{
    /// <summary>Checks both halves of an encoding.</summary>
    /// <exception cref="InputException">A half is not sealed, the two are one type, or a field could hold state; the
    /// message names type and field.</exception>
    public static void Check(Encoding encoding)
    {
        var kvm = encoding.KvmHalf<MachineWorld>().GetType();
        var vmm = encoding.VmmHalf<MachineWorld>().GetType();
        // It is named only where something is wrong: to read a description is to run code of the encoding.
        if (kvm == vmm)
        {
            throw new InputException(encoding.Description.FullName,
                $"{TypeNames.Of(kvm)} is both halves, expected one type for each");
        }

        foreach (var half in new[] { kvm, vmm })
        {
            if (!half.IsSealed)
            {
                throw new InputException(encoding.Description.FullName,
                    $"{TypeNames.Of(half)} is not sealed, expected halves to be");
            }

            if (FieldRules.FirstFault(half) is { } fault)
            {
                throw new InputException(encoding.Description.FullName, fault);
            }
        }
    }
}
