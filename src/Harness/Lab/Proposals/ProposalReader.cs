using System.Globalization;
using System.Text.Json;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Json;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Harness.Lab.Proposals;

/// <summary>Reads one proposal.json. Its layout: docs/report-format.md.</summary>
internal sealed class ProposalReader(LabCatalog lab, JsonPlace root, string folder)
{
    private static readonly string[] s_proposalMembers =
        ["title", "status", "encoding", "options", "claims", "concerns", "properties"];
    private static readonly string[] s_concernMembers = ["id", "encoding", "verdict", "text"];
    private static readonly string[] s_propertyMembers =
        ["property", "encoding", "instance", "memory", "verdict", "text"];
    private static readonly string[] s_claimMembers =
        ["id", "text", "metric", "per", "encoding", "versus", "by", "workload", "policy", "relation", "value",
            "tolerance"];
    private static readonly string[] s_statuses = ["template", "draft", "proposed", "withdrawn"];
    private static readonly Dictionary<string, Relation> s_relations = new()
    {
        ["<"] = Relation.Less,
        ["<="] = Relation.AtMost,
        ["="] = Relation.Equal,
        [">="] = Relation.AtLeast,
        [">"] = Relation.Greater,
    };

    /// <summary>The proposal; null if it is the template.</summary>
    public Proposal? Read()
    {
        Object(root, s_proposalMembers, "a proposal: an object");
        var title = Text(root, "title");
        var status = Word(root, "status", s_statuses);
        if (status == "template")
        {
            return null;
        }

        var encoding = Encoding(Required(root, "encoding"), root.Members.GetValueOrDefault("options"));
        var list = Required(root, "claims");
        if (list.Kind != JsonTokenType.StartArray)
        {
            throw list.WrongAt("claims: expected an array of claims");
        }

        var claims = list.Items.Select(item => ReadClaim(item, encoding)).ToArray();
        for (var i = 0; i < claims.Length; i++)
        {
            if (claims.Take(i).Any(c => c.Id == claims[i].Id))
            {
                throw list.Items[i].WrongAt($"claim '{claims[i].Id}' is there twice, expected ids that differ");
            }
        }

        return new(folder, title, status, encoding, claims)
        {
            Concerns = [.. List("concerns").Select(item => ReadConcern(item, encoding))],
            Properties = [.. List("properties").Select(item => ReadProperty(item, encoding))],
        };
    }

    private IReadOnlyList<JsonPlace> List(string name) => !root.Members.TryGetValue(name, out var list) ? []
        : list.Kind == JsonTokenType.StartArray ? list.Items
        : throw list.WrongAt($"{name}: expected an array");

    private ConcernClaim ReadConcern(JsonPlace item, PlannedEncoding own)
    {
        Object(item, s_concernMembers, "a claim about a concern: an object");
        var id = Word(item, "id", [.. lab.Concerns.Select(c => c.Id)]);
        var words = Enum.GetValues<ConcernVerdict>().Where(v => v != ConcernVerdict.NotDecided)
            .ToDictionary(ConcernVerdicts.Word);
        return new(id, words[Word(item, "verdict", [.. words.Keys])], Text(item, "text"),
            item.Members.TryGetValue("encoding", out var e) ? Encoding(e, null) : own);
    }

    private PropertyClaim ReadProperty(JsonPlace item, PlannedEncoding own)
    {
        Object(item, s_propertyMembers, "a claim about a property: an object");
        var property = Word(item, "property", [.. Checker.PropertiesOf(lab.Properties).Select(p => p.Name)]);
        var instance =
            Instance(item, Text(item, "instance")) with
            {
                Watched =
                [.. lab.Properties.Where(p => p.Name == property)]
            };
        var memory = item.Members.ContainsKey("memory") ? Word(item, "memory", ["sc", "tso", "weak"]) : "sc";
        var sometimes = Checker.PropertiesOf(lab.Properties)
            .Single(p => p.Name == property).Kind == PropertyKind.Sometimes;
        var verdict = Word(item, "verdict", sometimes ? ["seen", "never seen"] : ["holds", "broken"]);
        return new(property, instance with { Order = Enum.Parse<MemoryOrdering>(memory, ignoreCase: true) },
            verdict is "broken" or "seen", Text(item, "text"),
            item.Members.TryGetValue("encoding", out var e) ? Encoding(e, null) : own);
    }

    private static CheckInstance Instance(JsonPlace item, string text)
    {
        try
        {
            return CheckInstance.Resolve(text);
        }
        catch (InputException e)
        {
            throw item.Members["instance"].WrongAt(e.Message);
        }
    }

    private Claim ReadClaim(JsonPlace item, PlannedEncoding own)
    {
        Object(item, s_claimMembers, "a claim: an object");
        var versus = item.Members.TryGetValue("versus", out var v) ? Encoding(v, null) : null;
        if (versus is null && item.Members.TryGetValue("by", out var by))
        {
            throw by.WrongAt("'by' says how to compare with 'versus', expected both or neither");
        }

        var relation = s_relations[Word(item, "relation", [.. s_relations.Keys])];
        var tolerance = item.Members.TryGetValue("tolerance", out var t) ? Number(t, "tolerance") : 0;
        if (t is not null && (relation != Relation.Equal || tolerance < 0))
        {
            throw t.WrongAt("tolerance: expected a number from 0 with the relation \"=\", and none with another");
        }

        var metric = MetricOf(item, "metric", Metric.Claimable);
        var per = item.Members.ContainsKey("per") ? MetricOf(item, "per", Metric.OfRun) : null;
        if (per is not null && metric.Value is null)
        {
            throw item.Members["per"].WrongAt($"{metric} is a ratio already, expected no 'per'");
        }

        return new Claim
        {
            Id = Text(item, "id"),
            Text = Text(item, "text"),
            Metric = metric,
            Per = per,
            Encoding = item.Members.TryGetValue("encoding", out var e) ? Encoding(e, null) : own,
            Versus = versus,
            By = item.Members.ContainsKey("by") && Word(item, "by", ["ratio", "difference"]) == "difference"
                ? VersusMode.Difference : VersusMode.Ratio,
            Workload = At(Required(item, "workload"), text => lab.Workloads.Plan(text)),
            Policy = item.Members.TryGetValue("policy", out var p) ? At(p, Policy) : null,
            Relation = relation,
            Value = Number(Required(item, "value"), "value"),
            Tolerance = tolerance,
        };
    }

    private static Metric MetricOf(JsonPlace item, string name, IReadOnlyList<Metric> allowed) =>
        Metric.OfName(Word(item, name, [.. allowed.Select(m => m.Name)]))!;

    private PlannedEncoding Encoding(JsonPlace spec, JsonPlace? options)
    {
        var text = String(spec, "encoding", "the name of an encoding");
        if (options is not null)
        {
            if (options.Kind != JsonTokenType.StartObject)
            {
                throw options.WrongAt("options: expected an object of option values");
            }

            foreach (var (name, value) in options.Members)
            {
                text = WorkloadSpecs.With(text, name, String(value, name, "a string"));
            }
        }

        return At(spec, _ => EncodingSpecs.Plan(lab.Encodings, text));
    }

    /// <summary>Reads a string in a way that may find it wrong, and then says where it stands.</summary>
    private static T At<T>(JsonPlace value, Func<string, T> read)
    {
        try
        {
            return read(String(value, "value", "a string"));
        }
        catch (InputException e) when (!e.Place.StartsWith(value.Place, StringComparison.Ordinal))
        {
            throw value.WrongAt(e.Message);
        }
    }

    private static VmmPolicy Policy(string text) =>
        PolicyText.TryParse(text, out var policy) ? policy
            : throw new InputException(text, "expected " + PolicyText.Form);

    private static void Object(JsonPlace value, string[] allowed, string expected)
    {
        if (value.Kind != JsonTokenType.StartObject)
        {
            throw value.WrongAt("expected " + expected);
        }

        foreach (var (name, member) in value.Members)
        {
            if (!allowed.Contains(name))
            {
                throw Unknown.Word(member.Place, "member", name, allowed);
            }
        }
    }

    private static JsonPlace Required(JsonPlace value, string name) =>
        value.Members.GetValueOrDefault(name) ?? throw value.WrongAt($"'{name}' is missing, expected it here");

    private static string Text(JsonPlace value, string name) => String(Required(value, name), name, "a text");

    private static string String(JsonPlace value, string name, string expected) =>
        value.Kind != JsonTokenType.String || value.Raw.Trim().Length == 0
            ? throw value.WrongAt($"{name}: expected {expected} in quotes")
            : CleanText.IsLine(value.Raw) ? value.Raw
            : throw value.WrongAt($"{name}: expected one line without control characters");

    private static string Word(JsonPlace value, string name, IReadOnlyList<string> allowed)
    {
        var member = Required(value, name);
        var text = String(member, name, "a word");
        return allowed.Contains(text) ? text : throw Unknown.Word(member.Place, name, text, allowed);
    }

    private static decimal Number(JsonPlace value, string name) =>
        value.Kind == JsonTokenType.Number
            && decimal.TryParse(value.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw value.WrongAt($"{name}: expected a number");
}
