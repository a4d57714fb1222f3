using System.Text;
using UapiLab.Abstractions;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>The uAPI as a C header. It compiles alone, and after a linux/kvm.h that does not know of it.</summary>
public static class CHeader
{
    /// <summary>The header, with a line feed at its end.</summary>
    public static string Write(UapiModel model)
    {
        var description = model.Description;
        var guard = "_UAPILAB_"
            + new string(
            [.. description.FullName.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')])
            + "_H";
        var to = new StringBuilder();
        to.Append("/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */\n");
        CComment.Write(to,
            Invariant($"{description.FullName}, version ")
            + Invariant($"{description.Version}.\n\n{description.Summary}\n{description.Origin}"));
        to.Append("#ifndef ").Append(guard).Append("\n#define ").Append(guard).Append("\n\n");
        to.Append("#include <linux/types.h>\n#include <linux/ioctl.h>\n\n#ifndef KVMIO\n#define KVMIO\t0xAE\n#endif\n");

        Each(to, description.Capabilities, CMacros.Capability);
        Each(to, description.Flags, (t, flag) => CMacros.Flag(t, flag, new LintSubject(model).FieldAt(flag.Field)));
        Values(to, description.Constants);
        Regions(to, model.Regions);
        Existing(to, description.Structs);
        Each(to, description.Structs.Where(s => UapiModel.Existing(s.Name) is null), CStruct.Write);

        var ioctls = description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name)).ToArray();
        Each(to, ioctls.SelectMany(i => i.Operations).DistinctBy(o => o.Name), CMacros.Operation);
        Each(to, ioctls, CMacros.Ioctl);
        to.Append("\n#endif /* ").Append(guard).Append(" */\n");
        return to.ToString();
    }

    private static void Each<T>(StringBuilder to, IEnumerable<T> items, Action<StringBuilder, T> write)
    {
        foreach (var item in items)
        {
            to.Append('\n');
            write(to, item);
        }
    }

    private static void Values(StringBuilder to, IEnumerable<ConstantSpec> constants)
    {
        foreach (var field in constants.GroupBy(c => c.Field))
        {
            to.Append('\n');
            CComment.Write(to, $"Values of {field.Key}.");
            foreach (var constant in field)
            {
                CMacros.Constant(to, constant);
            }
        }
    }

    private static void Regions(StringBuilder to, IEnumerable<RegionSpec> regions)
    {
        foreach (var region in regions.Where(r => r is { Owner: RegionOwner.Shared, Scope: RegionScope.PerGfn }))
        {
            to.Append('\n');
            CComment.Write(to, $"{region.Name}: {region.Doc}\n{RegionText.Addressing(region)}");
        }
    }

    // What linux/kvm.h defines already cannot be defined again; where it does not, these stand in for it.
    private static void Existing(StringBuilder to, IEnumerable<StructSpec> structs)
    {
        var changed = structs.Where(s => UapiModel.Existing(s.Name) is { } before && UapiDiff.Structs(Of(before), Of(s))
            .Any()).ToArray();
        if (changed.Length == 0)
        {
            return;
        }

        to.Append("\n#ifndef __LINUX_KVM_H\n");
        CComment.Write(to, "In place of the definitions in linux/kvm.h.");
        foreach (var structure in changed)
        {
            to.Append('\n');
            if (structure.Name == LinuxKvm.Run.Name)
            {
                CComment.Write(to,
                    "Of the members of the exit union, those that are not touched are left out, but for the one that "
                    + "decides its size.");
            }

            CStruct.Write(to, structure);
        }

        to.Append("#endif /* __LINUX_KVM_H */\n");
    }

    private static UapiModel Of(StructSpec structure) =>
        UapiModel.Upstream with { Description = UapiModel.Upstream.Description with { Structs = [structure] } };
}
