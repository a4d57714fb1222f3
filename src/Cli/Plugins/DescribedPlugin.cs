using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Registry;
using UapiLab.Plugins;
using UapiLab.Plugins.C;

namespace UapiLab.Cli.Plugins;

/// <summary>What a plugin brings, as data: all that the main process has of it.</summary>
/// <param name="Path">As in <see cref="Plugin"/>.</param>
/// <param name="Sha256">As in <see cref="Plugin"/>.</param>
/// <param name="Families">Its encodings.</param>
/// <param name="Workloads">Its workloads.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="Concerns">Its concerns.</param>
internal sealed record DescribedPlugin(
    string Path, string Sha256, IReadOnlyList<DescribedFamily> Families, IReadOnlyList<DescribedWorkload> Workloads,
        IReadOnlyList<DescribedProperty> Properties, IReadOnlyList<DescribedConcern> Concerns)
{
    // The errors of an ioctl are tuples.
    private static readonly JsonSerializerOptions s_options =
        new() { IncludeFields = true, RespectNullableAnnotations = true, Converters = { new Plain() } };

    /// <summary>Reads everything once.</summary>
    public static DescribedPlugin Of(Plugin plugin) => new(
        plugin.Path,
        plugin.Sha256,
        [.. plugin.Families.Select(f => DescribedFamily.Of(plugin.Path, f))],
        [.. plugin.Workloads.Select(w => new DescribedWorkload(w.Id, w.Summary, w.Spec))],
        [.. plugin.Properties.Select(p => new DescribedProperty(p.Name, p.Doc, p.Outcome, p.IsNever, [.. p.Watches]))],
        [.. plugin.Concerns.Select(c => new DescribedConcern(c.Id, c.Title, c.Question, c.Source, c.Method,
            CodeOf.A(plugin.Path, c)))]);

    /// <summary>As JSON.</summary>
    /// <exception cref="JsonException">Something is null that may not be.</exception>
    public string Write() => JsonSerializer.Serialize(this, s_options);

    /// <summary>The other way round, with every text fit for a page.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static DescribedPlugin Read(string text) =>
        JsonSerializer.Deserialize<DescribedPlugin>(text, s_options) ?? throw new JsonException("nothing in it");

    private sealed class Plain : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? CleanText.Printable(text) : null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);
    }
}

/// <summary>Where code is that this process does not have.</summary>
/// <param name="Path">Of the plugin.</param>
/// <param name="Class">Full name of the class that is made.</param>
/// <param name="Version">Other code, another version.</param>
internal sealed record CodeOf(string Path, string Class, string Version)
{
    public static CodeOf A(string path, object made) =>
        new(path, made.GetType().FullName!, (made as CFamily)?.Identity ?? CodeIdentity.Of(made.GetType().Assembly));

    public PluginPart Part => new(Path, Class);

    /// <summary>Whether it may do to memory what nobody notices.</summary>
    public bool IsInC => Class == typeof(CFamily).FullName;
}

/// <summary>One uAPI.</summary>
internal sealed record DescribedUapi(EncodingDescription Description, IReadOnlyList<RegionSpec> Regions,
    IReadOnlyList<OwnEventSpec> OwnEvents)
{
    public static DescribedUapi Of(Encoding encoding) =>
        new(encoding.Description, [.. encoding.Regions], [.. encoding.OwnEvents]);
}

/// <summary>An encoding with its options fixed.</summary>
/// <param name="Values">Values of the options, in their order.</param>
/// <param name="Own">Its uAPI.</param>
/// <param name="Versions">All its versions.</param>
/// <param name="BuildsOn">What it was put on top of.</param>
internal sealed record DescribedVariant(string Values, DescribedUapi Own, IReadOnlyList<DescribedUapi> Versions,
    DescribedUapi? BuildsOn)
{
    public static DescribedVariant Of(string values, Encoding encoding)
    {
        var own = DescribedUapi.Of(encoding);
        return new(values, own,
            [.. encoding.Versions.Select(v => ReferenceEquals(v, encoding) ? own : DescribedUapi.Of(v))],
            encoding.BuildsOn is { } below ? DescribedUapi.Of(below) : null);
    }
}

/// <summary>A family of encodings.</summary>
internal sealed record DescribedFamily(string Id, string Summary, IReadOnlyList<OptionSpec> Options, CodeOf Code,
    IReadOnlyList<DescribedVariant> Variants) : IEncodingFamily, IHasCode
{
    string IHasCode.Code => $"{Code.Class} of {Code.Path}";

    public static DescribedFamily Of(string path, IEncodingFamily family)
    {
        EncodingRegistry.Inspect(family);
        var (id, options) = (family.Id, family.Options.ToArray());
        DescribedVariant[] variants =
            [.. EncodingRegistry.EveryChoice(options)
                .Select(c => DescribedVariant.Of(Values(options, c), family.Create(c)))];
        // Runs and cells are asked for by full name.
        return variants.Select(v => v.Own.Description).FirstOrDefault(d => d.Id != id || d.FullName.Split(':')[0] != id)
            is { } other
            ? throw new InputException(id, $"describes itself as '{other.FullName}', id '{other.Id}', expected {id}")
            : new(id, family.Summary, options, CodeOf.A(path, family), variants);
    }

    public Encoding Create(OptionValues options)
    {
        var values = Values(Options, options);
        var variant = Variants.First(v => v.Values == values);
        return new DescribedEncoding(variant, variant.Own, Code);
    }

    private static string Values(IEnumerable<OptionSpec> options, OptionValues values) =>
        string.Join(',', options.Select(o => values[o.Name]));
}

/// <summary>An encoding whose halves are elsewhere.</summary>
internal sealed class DescribedEncoding(DescribedVariant variant, DescribedUapi own, CodeOf code) : Encoding
{
    /// <summary>Where the code of an encoding is that this process does not have; null if it does.</summary>
    public static CodeOf? CodeOf(Encoding encoding) =>
        ((encoding is VersionPair pair ? pair.Newer : encoding) as DescribedEncoding)?.Code;

    private CodeOf Code => code;

    public override EncodingDescription Description => own.Description;

    public override IReadOnlyList<RegionSpec> Regions => own.Regions;

    public override IReadOnlyList<OwnEventSpec> OwnEvents => own.OwnEvents;

    public override IReadOnlyList<Encoding> Versions =>
        [.. variant.Versions.Select(v => new DescribedEncoding(variant, v, code))];

    public override Encoding? BuildsOn =>
        variant.BuildsOn is { } below ? new DescribedEncoding(variant, below, code) : null;

    public override IKvmHalf<TKvm> KvmHalf<TKvm>() => throw Elsewhere.Error(own.Description.FullName);

    public override IVmmHalf<TVmm> VmmHalf<TVmm>() => throw Elsewhere.Error(own.Description.FullName);
}

/// <summary>A workload, which is data anyway.</summary>
internal sealed record DescribedWorkload(string Id, string Summary, string Spec) : IWorkload;

/// <summary>A property whose automaton is elsewhere.</summary>
internal sealed record DescribedProperty(string Name, string Doc, string Outcome, bool IsNever,
    ImmutableArray<RunEventKind> Watches) : IProperty
{
    IReadOnlyList<RunEventKind> IProperty.Watches => Watches;

    public bool Shows(in RunEvent e, ref ulong memory) => throw Elsewhere.Error(Name);
}

/// <summary>A concern that is decided elsewhere.</summary>
internal sealed record DescribedConcern(string Id, string Title, string Question, string Source, string Method,
    CodeOf Code) : IConcern
{
    public ConcernAnswer Decide(IConcernBench bench) => throw Elsewhere.Error(Id);
}

/// <summary>Says that the code of a plugin was to run in the main process.</summary>
internal static class Elsewhere
{
    public static Exception Error(string what) =>
        new InvalidOperationException(what + ": its code is a plugin's and runs in workers only");
}
