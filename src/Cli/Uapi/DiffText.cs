using System.Text;
using UapiLab.Harness.Uapi;

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
            to.Append("  ").Append(Word(change.Class).PadRight(9)).Append(change.Place).Append(": ").Append(change.Text).Append('\n');
            if (change.Class != ChangeClass.Addition)
            {
                to.Append("           ").Append(change.Why).Append(change.SeenByAbidiff ? "\n" : " (abidiff cannot see it)\n");
            }
        }

        return to.Append(Verdict(changes)).Append('\n').ToString();
    }

    private static string Verdict(IReadOnlyList<UapiChange> changes)
    {
        if (changes.Count == 0)
        {
            return "No change.";
        }

        return changes.Max(c => c.Class) switch
        {
            ChangeClass.Break => "Breaks old programs.",
            ChangeClass.Growth => "Old programs may break; check-uapi lets what it sees of it pass only with -i.",
            ChangeClass.Padding => "Compatible for binaries; check-uapi lets padding that is put to use pass.",
            ChangeClass.Rename => "Compatible for binaries; old source may not compile.",
            _ => "Compatible: additions only.",
        };
    }

    private static string Word(ChangeClass change) => change switch
    {
        ChangeClass.Addition => "new",
        ChangeClass.Rename => "renamed",
        ChangeClass.Padding => "padding",
        ChangeClass.Growth => "grows",
        _ => "BREAK",
    };
}
