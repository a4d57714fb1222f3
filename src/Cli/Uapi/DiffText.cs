using System.Text;
using UapiLab.Harness.Uapi.Diff;

namespace UapiLab.Cli.Uapi;

/// <summary>Changes as text: the worst first, a verdict at the end.</summary>
internal static class DiffText
{
    public static string Write(string old, string now, IReadOnlyList<UapiChange> changes)
    {
        var to = new StringBuilder();
        to.Append(old).Append(" -> ").Append(now).Append('\n');
        foreach (var change in changes.OrderByDescending(c => c.Class))
        {
            to.Append("  ").Append(Word(change.Class).PadRight(10)).Append(change.Place).Append(": ")
                .Append(change.Text).Append('\n');
            if (change.Class != ChangeClass.Addition)
            {
                to.Append("            ").Append(change.Why)
                    .Append(change.SeenByAbidiff ? "\n" : " (abidiff cannot see it)\n");
            }
        }

        return to.Append(Verdict(changes)).Append('\n').ToString();
    }

    private static string Verdict(IReadOnlyList<UapiChange> changes) => changes.Count == 0
        ? "No change."
        : Programs(changes.Max(c => c.Class)) + " " + Tool(CheckUapi.Of(changes));

    private static string Programs(ChangeClass worst) => worst switch
    {
        ChangeClass.Break => "Breaks old programs.",
        ChangeClass.Growth => "Old programs keep working if nothing depends on the size of what grew.",
        ChangeClass.Rename => "Old programs keep working; old source may not compile.",
        _ => "Old programs keep working.",
    };

    private static string Tool(CheckUapiVerdict verdict) => verdict switch
    {
        CheckUapiVerdict.Passes => "check-uapi passes it.",
        CheckUapiVerdict.PassesWithIgnore => "check-uapi passes it with -i only.",
        _ => "check-uapi refuses it.",
    };

    private static string Word(ChangeClass change) => change switch
    {
        ChangeClass.Addition => "new",
        ChangeClass.Rename => "renamed",
        ChangeClass.Padding => "padding",
        ChangeClass.Growth => "grows",
        ChangeClass.Reported => "reported",
        _ => "BREAK",
    };
}
