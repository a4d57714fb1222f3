using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines;

/// <summary>Members of an event that a history tells.</summary>
[Flags]
internal enum EventArguments
{
    None = 0,
    WithGfn = 1,
    /// <summary>Value is an APF's token.</summary>
    WithToken = 2,
    /// <summary>Value is a set of flags.</summary>
    WithFlags = 4,
    /// <summary>Value is a guest task.</summary>
    WithTask = 8,
}

/// <summary>Value of an event of a flag.</summary>
internal enum FlagValue
{
    off,
    on,
}

/// <summary>What there is to know of a kind of event.</summary>
/// <param name="text">Name, and with <c>{0}</c> the event's value, with <c>{1}</c> its gfn.</param>
/// <param name="arguments">What is told behind the name.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class EventAttribute(string text, EventArguments arguments = EventArguments.None) : Attribute
{
    /// <param name="text">As above.</param>
    /// <param name="seenAs">What a plugin's property calls it.</param>
    /// <param name="arguments">As above.</param>
    public EventAttribute(string text, RunEventKind seenAs, EventArguments arguments = EventArguments.None)
        : this(text, arguments) => Public = seenAs;

    public string Text { get; } = text;

    public EventArguments Arguments { get; } = arguments;

    /// <summary>What a plugin's property calls it; null if it may not watch it.</summary>
    public RunEventKind? Public { get; }

    /// <summary>Enumeration that the value is a member of.</summary>
    public Type? Values { get; set; }
}

/// <summary>The table of <see cref="MachineEventKind"/>.</summary>
internal static class MachineEvents
{
    public static EventAttribute Row(this MachineEventKind kind) =>
        EnumRows<MachineEventKind, EventAttribute>.All[(int)kind];

    /// <summary>The event with those of its arguments that mean something.</summary>
    /// <param name="e">The event.</param>
    /// <param name="firstGfn">Gfn of frame 0.</param>
    public static string Describe(in MachineEvent e, ulong firstGfn)
    {
        var row = e.Kind.Row();
        var value = row.Values is { } values ? Enum.ToObject(values, e.Value) : (object)e.Value;
        return string.Format(CultureInfo.InvariantCulture, row.Text, value, e.Gfn + firstGfn)
            + (Has(EventArguments.WithGfn) && e.Gfn != Normalisation.NoFrame
                ? Argument($" gfn {e.Gfn + firstGfn}") : "")
            + (Has(EventArguments.WithToken) ? Token(e.Value) : "")
            + (Has(EventArguments.WithFlags) ? Argument($" flags 0x{e.Value:x}") : "")
            + (Has(EventArguments.WithTask) ? Argument($" task {e.Value}") : "");

        bool Has(EventArguments argument) => (row.Arguments & argument) != 0;
    }

    private static string Token(ulong value) => value == uint.MaxValue ? " token ~0" : Argument($" token 0x{value:x}");

    private static string Argument(FormattableString text) => Invariant(text);
}
