using System.Text;
using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>Definitions of structures, in kernel style.</summary>
internal static class CStruct
{
    /// <summary>A structure with its comments.</summary>
    public static void Write(StringBuilder to, StructSpec structure)
    {
        if (structure.Doc.Length > 0)
        {
            CComment.Write(to, structure.Doc);
        }

        to.Append("struct ").Append(structure.Name).Append(" {\n");
        Members(to, structure.Fields, 1);
        to.Append(structure.Packed ? "} __attribute__((packed));\n" : "};\n");
    }

    /// <summary>Members with their comments.</summary>
    public static void Members(StringBuilder to, IReadOnlyList<FieldSpec> fields, int tabs)
    {
        foreach (var field in fields)
        {
            var doc = Doc(field);
            if (doc.Length > 0)
            {
                CComment.Write(to, doc, tabs);
            }

            to.Append('\t', tabs);
            if (field.Members.Count == 0)
            {
                to.Append(field.Type).Append(field.Type.EndsWith('*') ? "" : " ").Append(field.Name)
                    .Append(Array(field)).Append(";\n");
                continue;
            }

            to.Append(field.Type).Append(" {\n");
            Members(to, field.Members, tabs + 1);
            to.Append('\t', tabs).Append('}').Append(field.Name.Length > 0 ? " " : "").Append(field.Name)
                .Append(Array(field)).Append(";\n");
        }
    }

    private static string Array(FieldSpec field) => field.Elements switch
    {
        1 => "",
        0 => "[]",
        _ => Invariant($"[{field.Elements}]"),
    };

    private static string Doc(FieldSpec field)
    {
        var doc = field.Doc;
        if (field.MustBeZero)
        {
            doc += doc.Length > 0 ? " Must be zero." : "must be zero";
        }

        if (field.PointsTo.Length > 0 && doc.Length > 0)
        {
            doc += $" User pointer to {field.PointsTo}.";
        }

        return field.ValidWith.Length > 0 ? $"{doc} With {field.ValidWith}.".TrimStart() : doc;
    }
}
