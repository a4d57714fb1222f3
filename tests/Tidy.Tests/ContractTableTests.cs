using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using UapiLab.Abstractions;
using UapiLab.Tests;

namespace UapiLab.Tidy.Tests;

/// <summary>docs/contract.md lists every member of the contract, in the words of the XML documentation.</summary>
public sealed partial class ContractTableTests
{
    private const string Document = "docs/contract.md";

    private static readonly Assembly s_contract = typeof(IKvm).Assembly;

    private static readonly Type[] s_interfaces =
        [typeof(IMemory), typeof(IKvm), typeof(IVmm), typeof(IKvmHalf<>), typeof(IVmmHalf<>)];

    private static readonly Dictionary<string, XElement> s_words = XDocument
        .Load(Path.ChangeExtension(s_contract.Location, ".xml")).Descendants("member")
        .ToDictionary(member => (string)member.Attribute("name")!);

    [Fact]
    public void Every_member_of_the_interfaces_has_its_row()
    {
        foreach (Type type in s_interfaces)
        {
            GeneratedDoc.Check(Document, Name(type), Members(type).Select(member => $"| `{Signature(member)}` "
                + $"| {Text(member, "summary")}{Arguments(member)} | {Text(member, "returns")} |"));
        }
    }

    [Fact]
    public void So_has_every_type_that_goes_through_them_with_its_members() =>
        GeneratedDoc.Check(Document, "types", Types().SelectMany(type => Members(type)
            .Select(member => $"| `{Signature(member)}` | {Text(member, "summary")} |")
            .Prepend($"| **`{Name(type)}`** | {Text(type, "summary")} |")));

    [Fact]
    public void A_type_is_found_in_arguments_results_and_members_of_other_types()
    {
        Type[] types = [.. Types()];

        Assert.Contains(typeof(ArmRequest), types); // an argument
        Assert.Contains(typeof(Prediction), types); // a member of that
        Assert.Contains(typeof(RunAnswer), types); // a result
        Assert.Contains(typeof(Waiter), types); // by reference
        Assert.DoesNotContain(types, type => type.IsInterface);
    }

    private static IEnumerable<Type> Types()
    {
        var found = new List<Type>();
        var open = new Queue<Type>(s_interfaces);
        while (open.TryDequeue(out Type? type))
        {
            foreach (Type next in Members(type).SelectMany(Used).Select(used => used.GetElementType() ?? used)
                .Where(used => used.Assembly == s_contract && !used.IsGenericParameter).Except([.. found, type]))
            {
                found.Add(next);
                open.Enqueue(next);
            }
        }

        return found.OrderBy(Name, StringComparer.Ordinal);
    }

    /// <summary>What has words of its own, in the order of declaration, methods last: no accessors, and nothing that
    /// the compiler makes.</summary>
    private static IEnumerable<MemberInfo> Members(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(member => s_words.TryGetValue(Id(member), out XElement? words) && words.Element("summary") is not null)
        .OrderBy(member => member is MethodInfo).ThenBy(member => member.MetadataToken);

    private static IEnumerable<Type> Used(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType),
        PropertyInfo property => [property.PropertyType],
        _ => [],
    };

    private static string Signature(MemberInfo member) => member switch
    {
        MethodInfo method => $"{Static(method)}{Name(method.ReturnType)} {method.Name}({string.Join(", ",
            Written(method).Select(Parameter))})",
        PropertyInfo property => $"{Static(property.GetMethod!)}{Name(property.PropertyType)} {property.Name}",
        FieldInfo { FieldType.IsEnum: true } value =>
            $"{value.Name} = {Convert.ToInt64(value.GetRawConstantValue(), null)}",
        FieldInfo constant => $"{Name(constant.FieldType)} {constant.Name} = {constant.GetRawConstantValue()}",
        _ => throw new InvalidOperationException($"{member}: no row for such a member"),
    };

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : "";

    /// <summary>Without what the compiler fills in.</summary>
    private static IEnumerable<ParameterInfo> Written(MethodInfo method) =>
        method.GetParameters().Where(p => !p.IsDefined(typeof(CallerLineNumberAttribute)));

    private static string Arguments(MemberInfo member) => string.Concat(
        from parameter in member is MethodInfo method ? Written(method) : []
        from words in s_words[Id(member)].Elements("param")
        where (string?)words.Attribute("name") == parameter.Name
        select $" `{parameter.Name}`: {Text(words)}");

    private static string Parameter(ParameterInfo parameter)
    {
        string by = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "";
        string value = !parameter.HasDefaultValue ? ""
            : parameter.ParameterType.IsEnum ? $" = {Enum.ToObject(parameter.ParameterType, parameter.DefaultValue!)}"
            : $" = {parameter.DefaultValue ?? "default"}";
        return $"{by}{Name(parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string Name(Type type) => type.IsByRef ? Name(type.GetElementType()!)
        : type == typeof(ulong) ? "ulong"
        : type == typeof(long) ? "long"
        : type == typeof(uint) ? "uint"
        : type == typeof(int) ? "int"
        : type == typeof(bool) ? "bool"
        : type == typeof(void) ? "void"
        : type.Name.Split('`')[0];

    /// <summary>As the compiler names a member in the file of XML documentation.</summary>
    private static string Id(MemberInfo member)
    {
        string type = (member.DeclaringType ?? (Type)member).FullName!;
        return member switch
        {
            Type t => $"T:{t.FullName}",
            MethodInfo method when method.GetParameters() is { Length: > 0 } parameters =>
                $"M:{type}.{method.Name}({string.Join(",", parameters.Select(p => Id(p.ParameterType)[2..]))})",
            MethodInfo method => $"M:{type}.{method.Name}",
            PropertyInfo property => $"P:{type}.{property.Name}",
            FieldInfo field => $"F:{type}.{field.Name}",
            _ => member.Name,
        };
    }

    private static string Id(Type type) => type.IsByRef ? $"{Id(type.GetElementType()!)}@"
        : type.IsGenericParameter ? $"T:`{type.GenericParameterPosition}"
        : $"T:{type.FullName}";

    private static string Text(MemberInfo member, string part) => Text(s_words[Id(member)].Element(part));

    private static string Text(XElement? words) =>
        words is null ? "" : SpacePattern().Replace(string.Concat(words.Nodes().Select(Text)), " ").Trim()
            .Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement link when (string?)link.Attribute("cref") is { } id =>
            $"`{string.Join('.', id.Split('(')[0].Split('.', ':')[^(id.StartsWith('T') ? 1 : 2)..]
                .Select(part => part.Split('`')[0]))}`",
        XElement parameter => $"`{(string)parameter.Attribute("name")!}`",
        _ => "",
    };

    [GeneratedRegex("\\s+")]
    private static partial Regex SpacePattern();
}
