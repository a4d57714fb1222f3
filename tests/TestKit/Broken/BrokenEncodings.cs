using UapiLab.Abstractions;

namespace UapiLab.TestKit.Broken;

/// <summary>Encodings that are wrong on purpose, to see that simulator, checker and loader say so; and the control,
/// which differs from them in nothing but the fault.</summary>
public static class BrokenEncodings
{
    /// <summary>Right: what passes here and fails below is the fault's doing.</summary>
    public static IEncodingFamily Control => Token("token-control", "The encoding that the broken ones vary; right.", new());

    /// <summary>The guest task sleeps for ever.</summary>
    public static IEncodingFamily NeverReady => Token("broken-never-ready", "READY is never sent.", new(Readies: 0));

    /// <summary>The guest reads a page whose content is not there.</summary>
    public static IEncodingFamily EarlyClear => Token("broken-early-clear", "The bit is cleared at the exit, before the content is there.", new(Clears: ClearPoint.Exit));

    /// <summary>The same, a little later.</summary>
    public static IEncodingFamily ClearAtFetch => Token("broken-clear-at-fetch", "The bit is cleared when the fetch is issued.", new(Clears: ClearPoint.FetchStarted));

    /// <summary>Wrong under a weak memory order only.</summary>
    public static IEncodingFamily RelaxedClear => Token("broken-relaxed-clear", "The bit is cleared without release.", new(Clears: ClearPoint.ContentArrivedRelaxed));

    /// <summary>The done list gets the same entry twice.</summary>
    public static IEncodingFamily DoubleReady => Token("broken-double-ready", "READY is sent twice, and KVM does not notice.", new(CompletesOnce: false, Readies: 2));

    /// <summary>A #PF with interrupts off: a Linux guest panics.</summary>
    public static IEncodingFamily IgnoresInterruptFlag => Token("broken-if0", "KVM injects without asking whether it may.", new(AsksCanDo: false));

    /// <summary>The halves share an object: must be rejected when it is loaded.</summary>
    public static IEncodingFamily Smuggler => new BrokenFamily(
        "broken-smuggler",
        "The VMM's wish reaches KVM beside the declared regions.",
        (id, summary, options) => new SmugglerEncoding(id, summary, options["through"]),
        new OptionSpec("through", ["static", "field", "object"], "static",
            "static: a static field; field: a mutable field; object: a read-only field that holds a mutable object."));

    /// <summary>All of them, control first.</summary>
    public static IReadOnlyList<IEncodingFamily> All =>
        [Control, NeverReady, EarlyClear, ClearAtFetch, RelaxedClear, DoubleReady, IgnoresInterruptFlag, Smuggler];

    private static BrokenFamily Token(string id, string summary, TokenFault fault) =>
        new(id, summary, (theId, theSummary, _) => new TokenEncoding(theId, theSummary, fault));
}
