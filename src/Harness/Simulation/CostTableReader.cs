using System.Globalization;
using System.Text.Json;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Json;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>The JSON of a cost table.</summary>
internal sealed class CostTableReader(string file)
{
    private static readonly string[] s_properties = ["ns", "low", "high", "origin", "source"];

    /// <summary>Name of a kind in a file.</summary>
    public static string NameOf(Cost kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <summary>Name of an origin in a file.</summary>
    public static string NameOf(CostOrigin origin) => JsonNamingPolicy.CamelCase.ConvertName(origin.ToString());

    /// <param name="root">The document.</param>
    /// <param name="rest">Where kinds that are left out come from.</param>
    public CostTable Read(JsonPlace root, CostTable rest)
    {
        Expect(root, JsonTokenType.StartObject, "an object from kind of cost to ns");
        var given = root.Members.Select(member => Entry(Kind(member.Key, member.Value), member.Value))
            .ToDictionary(entry => entry.Kind);
        return new(rest.Entries.Select(e => given.GetValueOrDefault(e.Kind, e)).ToArray());
    }

    private static Cost Kind(string name, JsonPlace value)
    {
        var kinds = Enum.GetValues<Cost>();
        var found = Array.FindIndex(kinds, kind => NameOf(kind) == name);
        return found >= 0 ? kinds[found]
            : throw Unknown.Word(value.Place, "kind of cost", name, kinds.Select(NameOf).ToArray());
    }

    private CostEntry Entry(Cost kind, JsonPlace value)
    {
        var name = NameOf(kind);
        if (value.Kind == JsonTokenType.Number)
        {
            // A plain number is known exactly: it has no range.
            var ns = Ns(name, value);
            return new(kind, ns, ns, ns, CostOrigin.Assumed, $"given in {file}");
        }

        Expect(value, JsonTokenType.StartObject,
            $"ns as a number, or an object with ns, low, high, origin and source, for '{name}'");
        foreach (var (property, at) in value.Members)
        {
            if (!s_properties.Contains(property))
            {
                throw Unknown.Word(at.Place, $"property of {name}", property, s_properties);
            }
        }

        long? Number(string property) => value.Members.TryGetValue(property, out var at) ? Ns(property, at) : null;
        var known = Number("ns")
            ?? throw value.WrongAt($"'{name}' has no ns, expected ns with low and high around it");
        var (low, high) = (Number("low"), Number("high"));
        var (from, to) = (low ?? Math.Min(known, high ?? known), high ?? Math.Max(known, low ?? known));
        var origin = value.Members.TryGetValue("origin", out var o) ? Origin(o) : CostOrigin.Assumed;
        if (value.Members.TryGetValue("source", out var source))
        {
            Expect(source, JsonTokenType.String, "a string for 'source'");
        }

        return from <= known && known <= to
            ? new(kind, known, from, to, origin, source?.Raw ?? $"given in {file}")
            : throw value.WrongAt($"'{name}' has low {from}, ns {known} and high {to}, expected low <= ns <= high");
    }

    private static long Ns(string name, JsonPlace value) =>
        value.Kind == JsonTokenType.Number
            && long.TryParse(value.Raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ns)
            && ns is >= 0 and <= Distribution.MaxParameter
            ? ns
            : throw value.WrongAt($"expected a whole number of ns from 0 to {Distribution.MaxParameter} for '{name}'");

    private static CostOrigin Origin(JsonPlace value)
    {
        Expect(value, JsonTokenType.String, "measured, published or assumed for 'origin'");
        var origins = Enum.GetValues<CostOrigin>();
        var found = Array.FindIndex(origins, o => NameOf(o) == value.Raw);
        return found >= 0 ? origins[found]
            : throw Unknown.Word(value.Place, "origin", value.Raw, ["measured", "published", "assumed"]);
    }

    private static void Expect(JsonPlace value, JsonTokenType kind, string expected)
    {
        if (value.Kind != kind)
        {
            throw value.WrongAt($"expected {expected}");
        }
    }
}
