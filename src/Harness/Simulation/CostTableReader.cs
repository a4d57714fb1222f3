using System.Text.Json;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Simulation;

/// <summary>One pass over the JSON of a cost table.</summary>
internal ref struct CostTableReader(string file, ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> _json = json;
    private Utf8JsonReader _reader = new(json);

    /// <summary>Name of a kind in a file.</summary>
    public static string NameOf(Cost kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <param name="rest">Where kinds that are left out come from.</param>
    public CostTable Read(CostTable rest)
    {
        Next();
        Expect(JsonTokenType.StartObject, "an object from kind of cost to ns");
        var given = new Dictionary<Cost, CostEntry>();
        while (Next() == JsonTokenType.PropertyName)
        {
            var kind = Kind();
            if (!given.TryAdd(kind, Entry(kind)))
            {
                throw Wrong($"'{NameOf(kind)}' is there already, expected each kind once");
            }
        }

        while (_reader.Read())
        {
            // Anything after the object is an error of the JSON, which reading on brings up.
        }

        return new(rest.Entries.Select(e => given.GetValueOrDefault(e.Kind, e)).ToArray());
    }

    private Cost Kind()
    {
        var name = _reader.GetString()!;
        var kinds = Enum.GetValues<Cost>();
        foreach (var kind in kinds)
        {
            if (NameOf(kind) == name)
            {
                return kind;
            }
        }

        throw Unknown.Word(Place, "kind of cost", name, kinds.Select(NameOf).ToArray());
    }

    private CostEntry Entry(Cost kind)
    {
        var name = NameOf(kind);
        if (Next() == JsonTokenType.Number)
        {
            // A plain number is known exactly: it has no range.
            var ns = Ns(name);
            return new(kind, ns, ns, ns, CostOrigin.Assumed, $"given in {file}");
        }

        Expect(JsonTokenType.StartObject,
            $"ns as a number, or an object with ns, low, high, origin and source, for '{name}'");
        long? value = null, low = null, high = null;
        var origin = CostOrigin.Assumed;
        var source = $"given in {file}";
        while (Next() == JsonTokenType.PropertyName)
        {
            var property = _reader.GetString()!;
            Next();
            switch (property)
            {
                case "ns":
                    value = Ns(property);
                    break;
                case "low":
                    low = Ns(property);
                    break;
                case "high":
                    high = Ns(property);
                    break;
                case "origin":
                    origin = Origin();
                    break;
                case "source":
                    Expect(JsonTokenType.String, "a string for 'source'");
                    source = _reader.GetString()!;
                    break;
                default:
                    throw Unknown.Word(Place, $"property of {name}", property,
                        ["ns", "low", "high", "origin", "source"]);
            }
        }

        if (value is not { } known)
        {
            throw Wrong($"'{name}' has no ns, expected ns with low and high around it");
        }

        var (from, to) = (low ?? Math.Min(known, high ?? known), high ?? Math.Max(known, low ?? known));
        return from <= known && known <= to
            ? new(kind, known, from, to, origin, source)
            : throw Wrong($"'{name}' has low {from}, ns {known} and high {to}, expected low <= ns <= high");
    }

    private long Ns(string name) =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var ns) && ns is >= 0
            and <= Distribution.MaxParameter
            ? ns
            : throw Wrong($"expected a whole number of ns from 0 to {Distribution.MaxParameter} for '{name}'");

    private CostOrigin Origin()
    {
        Expect(JsonTokenType.String, "measured, published or assumed for 'origin'");
        var text = _reader.GetString()!;
        var origins = Enum.GetValues<CostOrigin>();
        foreach (var origin in origins)
        {
            if (JsonNamingPolicy.CamelCase.ConvertName(origin.ToString()) == text)
            {
                return origin;
            }
        }

        throw Unknown.Word(Place, "origin", text, ["measured", "published", "assumed"]);
    }

    private JsonTokenType Next()
    {
        _reader.Read();
        return _reader.TokenType;
    }

    private readonly void Expect(JsonTokenType type, string expected)
    {
        if (_reader.TokenType != type)
        {
            throw Wrong($"expected {expected}");
        }
    }

    private readonly string Place => $"{file}:{1 + _json[..(int)_reader.TokenStartIndex].Count((byte)'\n')}";

    private readonly InputException Wrong(string expected) => new(Place, expected);
}
