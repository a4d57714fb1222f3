using System.Globalization;

namespace UapiLab.Harness.Conformance;

/// <summary>What a BEGIN marker says about the guest and the VM. Without one the guest is open: whatever speaks the
/// protocol is explained; with one, what it pins must be so.</summary>
internal sealed class ScenarioAssumptions
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Nothing is known.</summary>
    public static ScenarioAssumptions None { get; } = new();

    /// <summary>Whether a BEGIN marker was read.</summary>
    public bool IsPinned => _values.Count > 0;

    /// <summary>Name of the scenario.</summary>
    public string Scenario { get; private init; } = "";

    /// <summary>Whether the guest touches its pages with interrupts on.</summary>
    public bool? InterruptsOn => Number("if0") is { } off ? off == 0 : null;

    /// <summary>Whether it touches them in user mode.</summary>
    public bool? UserMode => Number("cpl") is { } level ? level != 0 : null;

    /// <summary>Whether the guest enables APF when it starts.</summary>
    public bool? GuestApf => (Number("apf") ?? Number("guest_apf")) is { } on ? on != 0 : null;

    /// <summary>Whether it asks for not-presents in kernel mode too.</summary>
    public bool? SendAlways => Number("always") is { } on ? on != 0 : null;

    /// <summary>Whether the calls of the VMM are among the markers.</summary>
    public bool ShowsCalls => IsPinned && Number("calls") != 0;

    /// <summary>vCPUs.</summary>
    public int? Vcpus => (int?)Number("vcpus");

    /// <summary>All of them, as written.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>A number among them.</summary>
    public long? Number(string name) =>
        _values.TryGetValue(name, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Reads <c>BEGIN name key=value …</c>.</summary>
    public static ScenarioAssumptions? Read(string marker)
    {
        var words = marker.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["BEGIN", var name, ..])
        {
            return null;
        }

        var assumptions = new ScenarioAssumptions { Scenario = name };
        foreach (var word in words.Skip(2))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                assumptions._values.TryAdd(word[..equals], word[(equals + 1)..]);
            }
        }

        return assumptions.IsPinned ? assumptions : null;
    }
}
