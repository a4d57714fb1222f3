using System.Text;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>Definitions of macros, in kernel style: comment, then value.</summary>
internal static class CMacros
{
    /// <summary>What is behind a number that nobody has assigned.</summary>
    public const string Unassigned = " /* to be assigned */";

    public static void Capability(StringBuilder to, CapabilitySpec capability)
    {
        var doc = $"{Enabling(capability)} {capability.Doc} {capability.NumberDoc}".TrimEnd();
        if (capability.Number <= 0)
        {
            CComment.Write(to, $"{capability.Name}, without a number so far. {doc}");
            return;
        }

        if (capability.IsPlaceholder)
        {
            CComment.Write(to, doc);
            Define(to, capability.Name, Invariant($"0x{capability.Number:x}{Unassigned}"));
            return;
        }

        var holder = UpstreamNumbers.LateCapabilities.GetValueOrDefault(capability.Number, capability.Name);
        CComment.Write(to, holder == capability.Name ? doc
            : Invariant($"{doc} As posted; {capability.Number} was taken upstream by {holder}."));
        Define(to, capability.Name, Invariant($"{capability.Number}"));
    }

    /// <param name="to">Where to.</param>
    /// <param name="flag">The flag.</param>
    /// <param name="field">Its field, if it is known.</param>
    /// <param name="tabs">How far in the comment stands; a macro begins its line wherever it is.</param>
    public static void Flag(StringBuilder to, FlagSpec flag, FieldSpec? field, int tabs = 0)
    {
        CComment.Write(to, $"{flag.Field}: {flag.Doc}{Available(flag.Capability)}", tabs);
        Define(to, flag.Name, Invariant($"(1{(field?.Type == "__u32" ? "UL" : "ULL")} << {flag.Bit})"));
    }

    public static void Operation(StringBuilder to, OperationSpec operation)
    {
        CComment.Write(to, operation.Doc);
        Define(to, operation.Name, Invariant($"{operation.Value}"));
    }

    public static void Constant(StringBuilder to, ConstantSpec constant)
    {
        CComment.Write(to, constant.Doc);
        Define(to, constant.Name, Invariant($"{constant.Value}"));
    }

    public static void Ioctl(StringBuilder to, IoctlSpec ioctl)
    {
        CComment.Write(to, ioctl.Doc + Available(ioctl.Capability));
        Define(to, ioctl.Name, ioctl.Struct.Length == 0
            ? Invariant($"_IO(KVMIO, 0x{ioctl.Number:x2})")
            : Invariant($"_IO{ioctl.Direction}(KVMIO, 0x{ioctl.Number:x2}, struct {ioctl.Struct})"));
    }

    private static void Define(StringBuilder to, string name, string value) =>
        to.Append("#define ").Append(name).Append('\t').Append(value).Append('\n');

    /// <summary>As linux/kvm.h says it above its ioctls.</summary>
    private static string Available(string capability) =>
        capability.Length == 0 ? "" : $" Available with {capability}.";

    private static string Enabling(CapabilitySpec capability) => capability.Enable switch
    {
        "vm" => "Enabled on a VM.",
        "vcpu" => "Enabled on a vCPU.",
        _ => "Informational.",
    };
}
