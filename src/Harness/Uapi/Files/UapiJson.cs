using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using UapiLab.Abstractions;
using UapiLab.Harness.Reports;

namespace UapiLab.Harness.Uapi;

/// <summary>A uAPI as JSON, to be kept and compared with later versions. <see cref="UapiJsonReader"/> reads it.</summary>
public static class UapiJson
{
    /// <summary>What the member <c>format</c> says.</summary>
    public const string Format = "uapilab-uapi";

    /// <summary>Grows when a member changes its meaning or goes away, not when one is added.</summary>
    public const int SchemaVersion = 1;

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document, with a line feed at its end.</summary>
    public static string Write(UapiModel model)
    {
        var description = model.Description;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("schemaVersion", SchemaVersion);
            json.WriteString("encoding", description.FullName);
            json.WriteNumber("version", description.Version);
            json.WriteString("summary", description.Summary);
            json.WriteString("origin", description.Origin);
            json.WriteNumber("bitsPerGfn", description.BitsPerGfn);
            json.WriteStrings("states", description.States);
            json.WriteArray("capabilities", description.Capabilities, Capability);
            json.WriteArray("flags", description.Flags, Flag);
            json.WriteArray("constants", description.Constants, Constant);
            json.WriteArray("ioctls", description.Ioctls, Ioctl);
            json.WriteArray("structs", description.Structs, Struct);
            json.WriteStrings("locks", description.Locks.Select(l => l.ToString()));
            json.WriteArray("regions", model.Regions, Region);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Capability(Utf8JsonWriter json, CapabilitySpec capability)
    {
        json.WriteStartObject();
        json.WriteString("name", capability.Name);
        json.WriteNumber("number", capability.Number);
        json.WriteString("enable", capability.Enable);
        json.WriteString("doc", capability.Doc);
        json.WriteEndObject();
    }

    private static void Flag(Utf8JsonWriter json, FlagSpec flag)
    {
        json.WriteStartObject();
        json.WriteString("name", flag.Name);
        json.WriteString("field", flag.Field);
        json.WriteNumber("bit", flag.Bit);
        json.WriteString("capability", flag.Capability);
        json.WriteString("optIn", flag.OptIn);
        json.WriteString("doc", flag.Doc);
        json.WriteEndObject();
    }

    private static void Constant(Utf8JsonWriter json, ConstantSpec constant)
    {
        json.WriteStartObject();
        json.WriteString("name", constant.Name);
        // A string: not every reader keeps 64 bits.
        json.WriteString("value", Invariant($"{constant.Value}"));
        json.WriteString("field", constant.Field);
        json.WriteString("doc", constant.Doc);
        json.WriteEndObject();
    }

    private static void Ioctl(Utf8JsonWriter json, IoctlSpec ioctl)
    {
        json.WriteStartObject();
        json.WriteString("name", ioctl.Name);
        json.WriteNumber("number", ioctl.Number);
        json.WriteString("direction", ioctl.Direction);
        json.WriteString("struct", ioctl.Struct);
        json.WriteString("target", ioctl.Target.ToString());
        json.WriteString("capability", ioctl.Capability);
        json.WriteBoolean("takesVcpuMutex", ioctl.TakesVcpuMutex);
        json.WriteNumber("opOffset", ioctl.OpOffset);
        json.WriteArray("operations", ioctl.Operations, (j, operation) =>
        {
            j.WriteStartObject();
            j.WriteString("name", operation.Name);
            j.WriteNumber("value", operation.Value);
            j.WriteBoolean("takesVcpuMutex", ioctl.TakesVcpuMutex && !ioctl.OpsWithoutMutex.Contains(operation.Value));
            j.WriteString("doc", operation.Doc);
            j.WriteEndObject();
        });
        json.WriteArray("errors", ioctl.Errors, (j, error) =>
        {
            j.WriteStartObject();
            j.WriteNumber("errno", (int)error.Errno);
            j.WriteString("when", error.When);
            j.WriteEndObject();
        });
        json.WriteString("doc", ioctl.Doc);
        json.WriteEndObject();
    }

    private static void Struct(Utf8JsonWriter json, StructSpec structure)
    {
        json.WriteStartObject();
        json.WriteString("name", structure.Name);
        json.WriteNumber("size", structure.Size);
        json.WriteBoolean("packed", structure.Packed);
        json.WriteString("doc", structure.Doc);
        json.WriteArray("fields", structure.Fields, Field);
        json.WriteEndObject();
    }

    private static void Field(Utf8JsonWriter json, FieldSpec field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("type", field.Type);
        json.WriteNumber("offset", field.Offset);
        json.WriteNumber("elements", field.Elements);
        json.WriteBoolean("mustBeZero", field.MustBeZero);
        json.WriteBoolean("filledByKvm", field.FilledByKvm);
        json.WriteString("pointsTo", field.PointsTo);
        json.WriteString("validWith", field.ValidWith);
        json.WriteString("doc", field.Doc);
        json.WriteArray("members", field.Members, Field);
        json.WriteEndObject();
    }

    private static void Region(Utf8JsonWriter json, RegionSpec region)
    {
        json.WriteStartObject();
        json.WriteString("name", region.Name);
        json.WriteString("owner", region.Owner.ToString());
        json.WriteString("scope", region.Scope.ToString());
        json.WriteNumber("wordBits", region.WordBits);
        json.WriteNumber("count", region.Count);
        json.WriteString("restore", region.Restore);
        json.WriteString("doc", region.Doc);
        json.WriteEndObject();
    }
}
