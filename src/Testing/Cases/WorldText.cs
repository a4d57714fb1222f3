using System.Globalization;
using System.Text;
using UapiLab.Abstractions;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Cases;

/// <summary>A case of a world in words, one step a line.</summary>
internal static class WorldText
{
    public static string Write(Encoding encoding, WorldCase value)
    {
        var text = new StringBuilder();
        foreach (var range in value.Armed)
        {
            Line(text, $"arm gfn {range.First:x} to {range.First + range.Count - 1:x}, predicted {range.Prediction}");
        }

        foreach (var step in value.Steps)
        {
            var cut = step.Into > 0 ? string.Create(CultureInfo.InvariantCulture, $"  before call {step.Into} of the next unindented step: ") : "";
            Line(text, cut + Words(encoding, step));
        }

        return text.ToString();
    }

    private static string Words(Encoding encoding, WorldStep step)
    {
        var vcpu = step.Vcpu % WorldCase.Vcpus;
        FormattableString words = step.Kind switch
        {
            WorldStepKind.Advance => $"vCPU {vcpu} goes on: handles its exit ({(step.Variant % 2 == 0 ? "hand off" : "resolve")}), or calls KVM_RUN, or takes a ready, or touches gfn {WorldCase.Gfn(step.Frame):x} ({(AccessKind)(step.Variant % 3)})",
            WorldStepKind.Arrive => $"the content of gfn {WorldCase.Gfn(step.Frame):x} arrives, if it is being fetched",
            WorldStepKind.Prefetch => $"gfn {WorldCase.Gfn(step.Frame):x} is fetched ahead",
            WorldStepKind.Rearm => $"gfn {WorldCase.Gfn(step.Frame):x} is armed again, if every vCPU is parked",
            WorldStepKind.Mode => $"vCPU {vcpu} enters {(step.Variant % 3 == 0 ? "user mode" : step.Variant % 3 == 1 ? "kernel mode" : "user mode with interrupts off")}",
            WorldStepKind.Clear => $"the guest on vCPU {vcpu} drops its APFs and leaves APF {(step.Variant % 2 == 0 ? "on" : "off")}",
            WorldStepKind.Service => $"a work item or an eventfd handler runs",
            WorldStepKind.Refuse => $"KVM's next event for vCPU {vcpu} cannot be written",
            WorldStepKind.Scribble => $"userspace writes word {step.Frame} of a shared region (variant {step.Variant})",
            WorldStepKind.Unmap => $"userspace {(step.Variant % 2 == 0 ? "unmaps" : "maps")} a shared region",
            WorldStepKind.Ioctl => $"userspace makes an ioctl on vCPU {vcpu} (variant {step.Variant}, {step.Frame}) of {encoding.Description.Ioctls.Count} declared",
            WorldStepKind.Careless => $"userspace calls KVM_RUN on vCPU {vcpu} without having seen to its exit",
            _ => $"userspace signals eventfd {step.Variant % (2 * WorldCase.Vcpus)}",
        };
        return words.ToString(CultureInfo.InvariantCulture);
    }

    private static void Line(StringBuilder text, FormattableString line) => Line(text, line.ToString(CultureInfo.InvariantCulture));

    private static void Line(StringBuilder text, string line) => text.Append("  ").Append(line).Append('\n');
}
