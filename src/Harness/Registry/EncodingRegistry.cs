using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Registry;

/// <summary>A family whose code is elsewhere.</summary>
public interface IHasCode
{
    /// <summary>Class and file.</summary>
    string Code { get; }
}

/// <summary>The encodings that can be named, and how a name becomes one.</summary>
public sealed class EncodingRegistry
{
    private readonly string[] _ids;

    /// <summary>Registers families, in the order in which they will be listed, and inspects the halves of all their
    /// variants.</summary>
    /// <exception cref="InputException">Two families have one id, an option has no such default, or a half has state of
    /// its own (<see cref="HalfInspector"/>).</exception>
    public EncodingRegistry(IEnumerable<IEncodingFamily> families)
        : this(families, [])
    {
        foreach (var family in Families)
        {
            Inspect(family);
        }
    }

    private EncodingRegistry(IEnumerable<IEncodingFamily> families, IEnumerable<IEncodingFamily> inspected)
    {
        Families = [.. families, .. inspected];
        _ids = Families.Select(f => f.Id).ToArray();
        foreach (var family in Families)
        {
            CheckDeclaration(family);
        }
    }

    /// <summary>The same and families whose code is in another process, which has inspected it.</summary>
    /// <exception cref="InputException">Two families have one id, or an option has no such default.</exception>
    public EncodingRegistry With(IEnumerable<IEncodingFamily> inspected) => new(Families, inspected);

    /// <summary>Inspects the halves of all variants of a family.</summary>
    /// <exception cref="InputException">A half has state of its own.</exception>
    public static void Inspect(IEncodingFamily family)
    {
        foreach (var choice in EveryChoice(family.Options))
        {
            foreach (var version in family.Create(choice).Versions)
            {
                HalfInspector.Check(version);
                CheckLines(version.Description);
            }
        }
    }

    /// <summary>Every family, in the order of registration.</summary>
    public IReadOnlyList<IEncodingFamily> Families { get; }

    /// <summary>Makes the encoding that <c>id</c> or <c>id:option=value,option=value</c> names. Options that are not
    /// given have their defaults. <c>version=v2</c>, or <c>kvm=v2,vmm=v1</c>, picks versions of what the options
    /// name.</summary>
    /// <exception cref="InputException">The text has another form, or the id, an option or a value is
    /// unknown.</exception>
    public Encoding Resolve(string spec)
    {
        var parsed = SpecText.Parse(spec);
        var family = Families.FirstOrDefault(f => f.Id == parsed.Id)
            ?? throw Unknown.Word(spec, "encoding", parsed.Id, _ids, "; one of your own: --plugin PATH");
        var values = family.Options.ToDictionary(o => o.Name, o => o.Default);
        foreach (var (name, value) in parsed.Options.Where(o => !VersionNames.All.Contains(o.Key)))
        {
            var option = family.Options.FirstOrDefault(o => o.Name == name)
                ?? throw Unknown.Word(spec, $"option of {family.Id}", name, NamesOf(family));
            values[name] = option.Values.Contains(value)
                ? value
                : throw Unknown.Word(spec, $"value of {name}", value, option.Values);
        }

        var (kvm, vmm) = VersionNames.Of(spec, parsed);
        return VersionPair.Of(family.Create(new OptionValues(values)), kvm, vmm);
    }

    /// <summary>Every combination of option values of a family. The defaults come first, and the last option declared
    /// changes fastest.</summary>
    public IReadOnlyList<Encoding> EveryVariant(IEncodingFamily family) =>
        [.. EveryChoice(family.Options).Select(family.Create)];

    /// <summary>Every combination of values of options, in the order of <see cref="EveryVariant"/>.</summary>
    public static IReadOnlyList<OptionValues> EveryChoice(IReadOnlyList<OptionSpec> options)
    {
        IEnumerable<Dictionary<string, string>> combinations = [[]];
        foreach (var option in options)
        {
            combinations = combinations.SelectMany(
                _ => option.Values.OrderBy(value => value != option.Default),
                (others, value) => new Dictionary<string, string>(others) { [option.Name] = value });
        }

        return [.. combinations.Select(values => new OptionValues(values))];
    }

    private static string CodeOf(IEncodingFamily family) => family is IHasCode { Code: var code } ? code
        : $"{family.GetType().FullName} of {family.GetType().Assembly.GetName().Name}";

    /// <summary>What may stand before an equals sign.</summary>
    private static string[] NamesOf(IEncodingFamily family)
    {
        var defaults = new OptionValues(family.Options.ToDictionary(o => o.Name, o => o.Default));
        return [.. family.Options.Select(o => o.Name), .. family.Create(defaults).Versions.Count > 1 ? VersionNames.All
            : []];
    }

    private static void CheckLines(EncodingDescription described) => Identifiers.CheckLines(
        described.FullName, [described.FullName, described.Summary, described.Origin, .. described.States,
            .. described.Duplicates, .. described.Capabilities.Select(c => c.Name),
            .. described.Flags.Select(f => f.Name), .. described.Constants.Select(c => c.Name),
            .. described.Ioctls.SelectMany(i => i.Operations.Select(o => o.Name).Append(i.Name)),
            .. described.Structs.SelectMany(s => s.Fields.SelectMany(f => new[] { f.Name, f.Type }).Append(s.Name))]);

    private void CheckDeclaration(IEncodingFamily family)
    {
        Identifiers.CheckLines(family.Id, [family.Id, family.Summary,
            .. family.Options.SelectMany(o => o.Values.Append(o.Name).Append(o.Doc))]);
        Identifiers.Check("encoding", family.Id);
        if (Families.Where(f => f.Id == family.Id).ToArray() is { Length: > 1 } same)
        {
            throw new InputException(family.Id, "two encodings are registered under this id, expected one: "
                + string.Join(" and ", same.Select(CodeOf)));
        }

        if (family.Options.FirstOrDefault(o => VersionNames.All.Contains(o.Name)) is { } taken)
        {
            throw new InputException($"{family.Id}:{taken.Name}", "the name is that of a version, expected another");
        }

        foreach (var option in family.Options.Where(o => !o.Values.Contains(o.Default)))
        {
            throw new InputException($"{family.Id}:{option.Name}",
                $"the default '{option.Default}' is none of the option's values");
        }
    }
}
