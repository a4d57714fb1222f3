using System.Text;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>A C file that includes a header and does not compile unless every offset and size in it is what is computed
/// here, on the ABI it is compiled for.</summary>
public static class CAsserts
{
    /// <summary>The file.</summary>
    /// <param name="model">The uAPI.</param>
    /// <param name="header">What to include; nothing if the header's text stands before it.</param>
    public static string Write(UapiModel model, string? header = null)
    {
        var to = new StringBuilder();
        if (header is not null)
        {
            to.Append("#include \"").Append(header).Append("\"\n");
        }

        // offsetof without a C library, which is not installed for every ABI.
        to.Append("#define UAPILAB_AT(type, member)\t__builtin_offsetof(type, member)\n");
        var defined = CHeader.Write(model);
        var structs =
            model.Description.Structs.Where(s => defined.Contains($"struct {s.Name} {{", StringComparison.Ordinal))
                .ToArray();
        foreach (var abi in Abi.All)
        {
            to.Append(abi == Abi.All[0] ? "\n#if defined(" : "\n#elif defined(").Append(abi.Macro).Append(")\n");
            foreach (var placed in structs.Select(s => Layouts.Place(s, abi)).OfType<PlacedStruct>())
            {
                Assert(to, $"sizeof(struct {placed.Struct.Name})", placed.Size);
                Assert(to, $"_Alignof(struct {placed.Struct.Name})", placed.Alignment);
                foreach (var field in placed.Fields.Where(f => f.IsNamed))
                {
                    Assert(to, $"UAPILAB_AT(struct {placed.Struct.Name}, {field.Path})", field.Offset);
                    if (field.Field.Elements > 0)
                    {
                        Assert(to, $"sizeof(((struct {placed.Struct.Name} *)0)->{field.Path})", field.Size);
                    }
                }
            }
        }

        return to.Append("\n#else\n#error \"the layout is known for x86-64 and i386 only\"\n#endif\n").ToString();
    }

    private static void Assert(StringBuilder to, string expression, int value) =>
        to.Append(Invariant($"_Static_assert({expression} == {value}, \"{expression} == {value}\");\n"));
}
