using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>A stub of documentation in the shape of Documentation/virt/kvm/api.rst: what is to be said is there, how it
/// is to be used is left to its author.</summary>
public static class ApiDoc
{
    private const int Columns = 72;

    /// <summary>The stub.</summary>
    public static string Write(UapiModel model)
    {
        var to = new StringBuilder();
        foreach (var ioctl in model.Description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name)))
        {
            Ioctl(to, model, ioctl, "4.xxx");
        }

        foreach (var change in UapiDiff.Structs(UapiModel.Upstream, model).GroupBy(c => c.Place.Split('.')[0]))
        {
            Title(to, $"struct {change.Key}");
            foreach (var one in change)
            {
                Paragraph(to, $"``{one.Place[(change.Key.Length + 1)..]}``: {Said(model, one) ?? one.Text + "."}");
            }
        }

        if (model.Description.Flags.Count > 0)
        {
            Title(to, "Flags");
            Table(to, model.Description.Flags.Select(
                f => (f.Name,
                $"bit {f.Bit.ToString(System.Globalization.CultureInfo.InvariantCulture)} of {f.Field}. "
                + $"{f.Doc}{Gate(f)}")));
        }

        foreach (var field in model.Description.Constants.GroupBy(c => c.Field))
        {
            Title(to, $"Values of {field.Key}");
            var region = model.Regions.FirstOrDefault(r => r.Name == field.Key && r.Scope == RegionScope.PerGfn);
            if (region is not null)
            {
                Paragraph(to, RegionText.Addressing(region));
            }

            Table(to, field.Select(c => (c.Name, Invariant($"{c.Value}. {c.Doc}"))));
        }

        foreach (var capability in model.Description.Capabilities)
        {
            Capability(to, model, capability, $"{ChapterOf(capability)}.xx");
        }

        return to.ToString().TrimStart('\n');
    }

    /// <summary>The section of an ioctl.</summary>
    internal static void Ioctl(StringBuilder to, UapiModel model, IoctlSpec ioctl, string number)
    {
        Title(to, $"{number} {ioctl.Name}");
        to.Append(":Capability: ").Append(ioctl.Capability.Length > 0 ? ioctl.Capability : "none").Append('\n');
        to.Append(":Architectures: x86\n");
        to.Append(":Type: ").Append(ioctl.Target == IoctlTarget.System ? "system" : ioctl.Target == IoctlTarget.Vm
            ? "vm" : "vcpu").Append(" ioctl\n");
        to.Append(":Parameters: ")
            .Append(ioctl.Struct.Length == 0 ? "none" : $"struct {ioctl.Struct} ({Way(ioctl.Direction)})").Append('\n');
        to.Append(":Returns: 0 on success, < 0 on error\n\n");
        to.Append("Errors:\n\n");
        Table(to, Errors(ioctl));
        if (model.Find(ioctl.Struct) is { } structure)
        {
            var c = new StringBuilder();
            CStruct.Write(c, structure with { Doc = "" });
            to.Append("\n::\n\n");
            foreach (var line in c.ToString().TrimEnd('\n').Split('\n'))
            {
                // As far in as the rest of the block, without a blank before a tab.
                to.Append(line.StartsWith('\t') ? "" : "  ").Append(line).Append('\n');
            }
        }

        to.Append('\n');
        Paragraph(to, ioctl.Doc);
        Table(to, ioctl.Operations.Select(o => (o.Name, Invariant($"{o.Value}. {o.Doc}"))));
        Paragraph(to, Mutex(ioctl));
    }

    /// <summary>What the ioctl itself returns, and what KVM does on the way to it: kvm_vcpu_ioctl() takes the mutex
    /// with mutex_lock_killable(), and an argument is copied.</summary>
    private static IEnumerable<(string Errno, string When)> Errors(IoctlSpec ioctl)
    {
        (Errno Errno, bool Is, string When)[] onTheWay =
        [
            (Errno.Fault, ioctl.Struct.Length > 0, $"struct {ioctl.Struct} is not at an address that can be "
                + (ioctl.Direction is "R" ? "written" : ioctl.Direction is "WR" ? "read and written" : "read")),
            (Errno.Interrupted, ioctl is { Target: IoctlTarget.Vcpu, TakesVcpuMutex: true },
                "a fatal signal came while it waited for the vCPU's mutex"),
        ];
        return ioctl.Errors.Select(e => (Errnos.Name(e.Errno), e.When)).Concat(onTheWay
            .Where(e => e.Is && ioctl.Errors.All(own => own.Errno != e.Errno))
            .Select(e => (Errnos.Name(e.Errno), e.When)));
    }

    private static string Mutex(IoctlSpec ioctl)
    {
        if (ioctl.Target != IoctlTarget.Vcpu)
        {
            return "";
        }

        if (!ioctl.TakesVcpuMutex)
        {
            return "Any thread of the process that created the VM may call it, also while KVM_RUN is in progress in "
                + "another: it is handled without the vCPU's mutex.";
        }

        var free = ioctl.Operations.Where(o => ioctl.OpsWithoutMutex.Contains(o.Value)).Select(o => o.Name).ToArray();
        return free.Length == 0
            ? "It waits for a KVM_RUN that is in progress in another thread."
            : $"It waits for a KVM_RUN that is in progress in another thread, but for {string.Join(", ", free)}, "
                + "which are handled without the vCPU's mutex.";
    }

    /// <summary>Chapter 6 has what is enabled on a vCPU, 7 what is enabled on a VM, 8 what is there without
    /// that.</summary>
    internal static int ChapterOf(CapabilitySpec capability) =>
        capability.Enable switch { "vcpu" => 6, "vm" => 7, _ => 8 };

    /// <summary>The section of a capability.</summary>
    internal static void Capability(StringBuilder to, UapiModel model, CapabilitySpec capability, string number)
    {
        var isEnabled = capability.Enable != "informational";
        Title(to, $"{number} {capability.Name}");
        to.Append(":Architectures: x86\n");
        if (!isEnabled)
        {
            to.Append('\n');
            Paragraph(to, capability.Doc);
            Paragraph(to, "KVM_CHECK_EXTENSION tells of it; KVM_ENABLE_CAP fails with EINVAL.");
            return;
        }

        to.Append(":Target: ").Append(capability.Enable).Append('\n');
        to.Append(":Parameters: args[0] is 1 to enable the capability, 0 to disable it\n");
        to.Append(":Returns: 0 on success, < 0 on error\n\n");
        var errors = model.Description.Ioctls.Where(i => i.Name == "KVM_ENABLE_CAP").SelectMany(i => i.Errors)
            .ToArray();
        if (errors.Length > 0)
        {
            to.Append("Errors:\n\n");
            Table(to, errors.Select(e => (Errnos.Name(e.Errno), e.When)));
        }

        const string Enabling = "args[0] = 1: ";
        var effect = capability.Doc.StartsWith(Enabling, StringComparison.Ordinal)
            ? "While it is enabled, " + capability.Doc[Enabling.Length..] : capability.Doc;
        Paragraph(to, effect);
        Paragraph(to, "It is disabled at first.");
    }

    /// <summary>What an encoding says of a field that it brings; null if nothing.</summary>
    internal static string? Said(UapiModel model, UapiChange change)
    {
        var name = change.Place.Split('.')[^1];
        return model.Description.Structs.SelectMany(s => LintSubject.Flatten(s.Fields))
            .FirstOrDefault(f => f.Name == name && f.Doc.Length > 0)?.Doc;
    }

    internal static string Gate(FlagSpec flag) => flag.OptIn.Length > 0 ? $" Seen only with {flag.OptIn}." : "";

    /// <summary>Structures of the encoding's own that are no argument of an ioctl: pages that are shared.</summary>
    internal static IEnumerable<StructSpec> Shared(UapiModel model) => model.Description.Structs.Where(s =>
        UapiModel.Existing(s.Name) is null && model.Description.Ioctls.All(i => i.Struct != s.Name));

    /// <summary>The section of a structure: what it is for, its members, and their values.</summary>
    internal static void Structure(StringBuilder to, UapiModel model, StructSpec structure, string number)
    {
        Title(to, $"{number} struct {structure.Name}");
        to.Append(":Architectures: x86\n\n");
        Paragraph(to, structure.Doc);
        var c = new StringBuilder();
        CStruct.Write(c, structure with { Doc = "" });
        to.Append("::\n\n");
        foreach (var line in c.ToString().TrimEnd('\n').Split('\n'))
        {
            to.Append(line.StartsWith('\t') ? "" : "  ").Append(line).Append('\n');
        }

        to.Append('\n');
        foreach (var field in model.Description.Constants
            .Where(f => f.Field == structure.Name || f.Field.StartsWith(structure.Name + ".", StringComparison.Ordinal))
            .GroupBy(f => f.Field))
        {
            Paragraph(to, field.Key == structure.Name ? "Of the mapping:" : $"Values of {field.Key}:");
            Table(to, field.Select(f => (f.Name, Invariant($"{f.Value}. {f.Doc}"))));
        }

        Table(to, model.Description.Flags.Where(f => f.Field.StartsWith(structure.Name + ".", StringComparison.Ordinal))
            .Select(f => (f.Name, Invariant($"bit {f.Bit} of {f.Field}. {f.Doc}{Gate(f)}"))));
    }

    private static string Way(string direction) =>
        direction switch { "W" => "in", "R" => "out", "WR" => "in/out", _ => "none" };

    private static void Title(StringBuilder to, string text) =>
        to.Append('\n').Append(text).Append('\n').Append('-', text.Length).Append("\n\n");

    internal static void Paragraph(StringBuilder to, string text)
    {
        if (text.Length > 0)
        {
            to.AppendJoin('\n', WordWrap.Fill(text, Columns)).Append("\n\n");
        }
    }

    internal static void Table(StringBuilder to, IEnumerable<(string Name, string Text)> rows)
    {
        var all = rows.ToArray();
        if (all.Length == 0)
        {
            return;
        }

        var width = all.Max(r => r.Name.Length);
        var rule = "  " + new string('=', width) + " " + new string('=', Math.Max(20, Columns - width - 3)) + "\n";
        to.Append(rule);
        foreach (var (name, text) in all)
        {
            var first = true;
            foreach (var line in WordWrap.Fill(text, Math.Max(20, Columns - width - 3)))
            {
                to.Append("  ").Append((first ? name : "").PadRight(width)).Append(' ').Append(line).Append('\n');
                first = false;
            }
        }

        to.Append(rule).Append('\n');
    }
}
