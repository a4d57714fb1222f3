using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Json;

namespace UapiLab.Harness.Uapi.Files;

/// <summary>Reads what <see cref="UapiJson"/> writes. Members it does not know are ignored.</summary>
public static class UapiJsonReader
{
    // More than any structure has, and little enough that sizes do not overflow.
    private const int MostElements = 1 << 16;

    /// <summary>A uAPI from the bytes of a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="utf8">Its content.</param>
    /// <exception cref="InputException">It is no JSON, no uAPI, or one of another schema; the message names file, line
    /// and member, and what was expected there.</exception>
    public static UapiModel Read(string file, ReadOnlySpan<byte> utf8)
    {
        var root = JsonPlace.Parse(file, utf8, UapiJson.Format, UapiJson.SchemaVersion);
        var name = root["encoding"].Line();
        return new(
            new()
            {
                Id = name.Split(':')[0],
                FullName = name,
                Version = root["version"].Number(1, int.MaxValue),
                Summary = root["summary"].Line(),
                Origin = root["origin"].Line(),
                BitsPerGfn = root["bitsPerGfn"].Number(0, 64),
                States = root["states"].List((s, _) => s.Line()),
                Capabilities = root["capabilities"]
                    .List((c, _) => new CapabilitySpec(c["name"].Line(), c["number"].Number(0, int.MaxValue),
                    c["enable"].Line(), c["doc"].Text())
                    { NumberDoc = c.TextOrNull("numberDoc") ?? "" }),
                Flags = root["flags"].List((f, _) => Flag(f)),
                Constants = root["constants"]
                    .List((c, _) => new ConstantSpec(c["name"].Line(), Word(c["value"]), c["field"].Line(), c["doc"]
                    .Text())),
                Ioctls = root["ioctls"].List((i, _) => Ioctl(i)),
                Structs = root["structs"].List((s, _) => Struct(s)),
                Locks = root["locks"].List((l, _) => Choice<KvmLock>(l)),
            },
            root["regions"].List((r, _) => Region(r)));
    }

    private static FlagSpec Flag(JsonPlace flag) =>
        new(flag["name"].Line(), flag["field"].Line(), flag["bit"].Number(0, 63), flag["doc"].Text())
        {
            Capability = flag["capability"].Line(),
            OptIn = flag["optIn"].Line(),
        };

    private static IoctlSpec Ioctl(JsonPlace ioctl)
    {
        var takesMutex = ioctl["takesVcpuMutex"].Boolean();
        var operations = ioctl["operations"].List((o, _) =>
            (Spec: new OperationSpec(o["name"].Line(), (uint)o["value"].Number(0, int.MaxValue), o["doc"].Text()),
                TakesMutex: o["takesVcpuMutex"].Boolean()));
        return new(
            ioctl["name"].Line(),
            (uint)ioctl["number"].Number(0, 0xffff),
            ioctl["direction"].Line(),
            ioctl["struct"].Line(),
            takesMutex,
            ioctl["errors"].List((e, _) => ((Errno)e["errno"].Number(1, 4095), e["when"].Line())),
            ioctl["doc"].Text())
        {
            Target = Choice<IoctlTarget>(ioctl["target"]),
            Capability = ioctl["capability"].Line(),
            OpOffset = ioctl["opOffset"].Number(-1, 8191),
            Operations = [.. operations.Select(o => o.Spec)],
            OpsWithoutMutex = takesMutex ? [.. operations.Where(o => !o.TakesMutex).Select(o => o.Spec.Value)] : [],
        };
    }

    private static StructSpec Struct(JsonPlace structure) =>
        new(structure["name"].Line(), structure["fields"].List((f, _) => Field(f)), structure["size"]
            .Number(0, int.MaxValue))
        {
            Doc = structure["doc"].Text(),
            Packed = structure["packed"].Boolean(),
        };

    private static FieldSpec Field(JsonPlace field)
    {
        var type = field["type"].Line();
        var members = field["members"].List((m, _) => Field(m));
        return members.Count > 0 != type is "struct" or "union"
            ? throw field["members"].Wrong(members.Count > 0 ? $"no members of a {type}" : $"members of the {type}")
            : new(field["name"].Line(), type, field["offset"].Number(0, int.MaxValue), field["elements"]
                .Number(0, MostElements), field["mustBeZero"].Boolean())
            {
                Doc = field["doc"].Text(),
                Members = members,
                FilledByKvm = field["filledByKvm"].Boolean(),
                PointsTo = field["pointsTo"].Line(),
                ValidWith = field["validWith"].Line(),
            };
    }

    private static RegionSpec Region(JsonPlace region) => new(
        region["name"].Line(),
        Choice<RegionOwner>(region["owner"]),
        Choice<RegionScope>(region["scope"]),
        region["wordBits"].Number(8, 64),
        region["count"].Number(1, int.MaxValue),
        region["doc"].Text())
    {
        Restore = region["restore"].Line(),
    };

    private static ulong Word(JsonPlace value) =>
        ulong.TryParse(value.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var word)
            ? word
            : throw value.Wrong("a number of at most 64 bits, as a string");

    private static T Choice<T>(JsonPlace value)
        where T : struct, Enum =>
        // Not Enum.Parse, which takes numbers, too.
        Enum.GetValues<T>().Where(v => v.ToString() == value.Text()).Select(v => (T?)v).FirstOrDefault()
            ?? throw value.Wrong(string.Join(" or ", Enum.GetNames<T>()));
}
