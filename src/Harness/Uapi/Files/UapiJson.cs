using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Uapi.Files;

/// <summary>A uAPI as JSON, to be kept and compared with later versions. <see cref="UapiJsonReader"/> reads
/// it.</summary>
public static class UapiJson
{
    /// <summary>What the member <c>format</c> says.</summary>
    public const string Format = "uapilab-uapi";

    /// <summary>Grows when a member changes its meaning or goes away, not when one is added.</summary>
    public const int SchemaVersion = 1;

    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(UapiModel model)
    {
        var description = model.Description;
        return JsonText.Write(new
        {
            Format,
            SchemaVersion,
            encoding = description.FullName,
            description.Version,
            description.Summary,
            description.Origin,
            description.BitsPerGfn,
            description.States,
            capabilities = description.Capabilities
                .Select(c => new { c.Name, c.Number, c.Enable, c.Doc, c.NumberDoc }),
            flags = description.Flags.Select(f => new { f.Name, f.Field, f.Bit, f.Capability, f.OptIn, f.Doc }),
            // A value is a string: not every reader keeps 64 bits.
            constants = description.Constants
                .Select(c => new { c.Name, value = Invariant($"{c.Value}"), c.Field, c.Doc }),
            ioctls = description.Ioctls.Select(Ioctl),
            structs = description.Structs
                .Select(s => new { s.Name, s.Size, s.Packed, s.Doc, fields = s.Fields.Select(Field) }),
            locks = description.Locks.Select(l => l.ToString()),
            regions = model.Regions.Select(r => new
            {
                r.Name,
                owner = r.Owner.ToString(),
                scope = r.Scope.ToString(),
                r.WordBits,
                r.Count,
                r.Restore,
                r.Doc,
            }),
        });
    }

    private static object Ioctl(IoctlSpec ioctl) => new
    {
        ioctl.Name,
        ioctl.Number,
        ioctl.Direction,
        ioctl.Struct,
        target = ioctl.Target.ToString(),
        ioctl.Capability,
        ioctl.TakesVcpuMutex,
        ioctl.OpOffset,
        operations = ioctl.Operations.Select(o => new
        {
            o.Name,
            o.Value,
            takesVcpuMutex = ioctl.TakesVcpuMutex && !ioctl.OpsWithoutMutex.Contains(o.Value),
            o.Doc,
        }),
        errors = ioctl.Errors.Select(e => new { errno = (int)e.Errno, e.When }),
        ioctl.Doc,
    };

    private static object Field(FieldSpec field) => new
    {
        field.Name,
        field.Type,
        field.Offset,
        field.Elements,
        field.MustBeZero,
        field.FilledByKvm,
        field.PointsTo,
        field.ValidWith,
        field.Doc,
        members = field.Members.Select(Field),
    };
}
