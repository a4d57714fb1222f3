using System.Text;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Uapi.Patch;

namespace UapiLab.Harness.Lab.Proposals;

/// <summary>A proposal as a series of mails for git send-email: a cover letter, and a patch for each file of the
/// kernel. Tags and names are left to the sender.</summary>
public static class ProposalMail
{
    private const int Columns = 72;
    private const int Stars = 24; // of a diffstat
    private const string ChangesTitle = "Changes";

    private static readonly string[] s_kinds = ["metric", "concern", "property"];

    /// <summary>Sections of a proposal that a cover letter has, in its order.</summary>
    private static readonly string[] s_sections =
        ["Problem", "Interface", "Behaviour", "Compatibility and extension", "Open questions"];

    /// <summary>The files, by name.</summary>
    /// <param name="proposal">What is proposed.</param>
    /// <param name="text">Its README.md.</param>
    /// <param name="evidence">Its evidence/claims.txt.</param>
    /// <param name="patch">What it changes in a kernel tree.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Write(Proposal proposal, string text, string evidence,
        KernelPatch patch)
    {
        var name = proposal.Encoding.Name;
        (string Title, string Text, string Diff)[] patches =
        [
            .. new[]
            {
                ($"KVM: Add the uAPI of {name}", "Structures, flags, capabilities and ioctls. What KVM does with them "
                    + "follows in patches of its own. Numbers are to be assigned.", patch.Header),
                ($"KVM: Document the uAPI of {name}", "Ioctls with each errno, capabilities, flags and fields.",
                    patch.Document),
            }.Where(p => p.Item3.Length > 0),
        ];
        string Subject(int number, string title) =>
            Invariant($"Subject: [RFC PATCH {number}/{patches.Length}] {title}");
        return
        [
            new("0000-cover-letter.patch",
                Mail(Subject(0, "KVM: " + proposal.Title), Cover(proposal, text, evidence), "")),
            .. patches.Select((p, n) => KeyValuePair.Create(
                Invariant($"{n + 1:0000}-{FileName(p.Title)}.patch"),
                Mail(Subject(n + 1, p.Title), Paragraph(p.Text), "---\n" + Stat(p.Diff) + "\n" + p.Diff))),
        ];
    }

    private static string Mail(string subject, string body, string diff) =>
        $"From {new string('0', 40)} Mon Sep 17 00:00:00 2001\n{subject}\n\n{body}{diff}-- \nuapilab\n\n";

    private static string Cover(Proposal proposal, string text, string evidence)
    {
        var sections = Sections(text);
        var to = new StringBuilder();
        foreach (var title in s_sections.Where(sections.ContainsKey))
        {
            to.Append(title).Append('\n').Append('=', title.Length).Append('\n').Append(Plain(sections[title]));
        }

        to.Append("Evidence\n========\n");
        to.Append(Paragraph(Invariant($"Each claim is run by uapilab proposals verify {proposal.Folder}, which fails ")
            + "where one does not hold."));
        to.Append(Evidence(evidence, proposal.Claims));
        if (sections.TryGetValue(ChangesTitle, out var changes))
        {
            to.Append(ChangesTitle).Append('\n').Append('=', ChangesTitle.Length).Append('\n').Append(Plain(changes));
        }

        return to.ToString();
    }

    /// <summary>Claims as a table of what was measured, then each in words.</summary>
    private static string Evidence(string claims, IReadOnlyList<Claim> asked)
    {
        // Of each: verdict, kind and name; its text; what was found; the command.
        string[][] all = [.. claims.Split("\n\n")
            .Select(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Where(lines => lines.Length >= 3 && lines[0][0] != '#')];
        var rows = all.Select(lines => (Head: lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), Lines: lines))
            .Select(c => (c.Head, c.Lines, Kind: Array.FindIndex(c.Head, word => s_kinds.Contains(word))))
            .Where(c => c.Kind > 0)
            .Select(c => (Name: string.Join(' ', c.Head[(c.Kind + 1)..]), Kind: c.Head[c.Kind],
                Verdict: string.Join(' ', c.Head[..c.Kind]), Text: c.Lines[1].Trim(), Found: c.Lines[2].Trim()))
            .ToArray();
        var to = new StringBuilder();
        var measured = rows.Where(r => r.Kind == "metric").ToArray();
        var width = measured.Select(r => r.Name.Length).DefaultIfEmpty(0).Max();
        to.Append(measured.Length == 0 ? "" : Paragraph("What was simulated, on the workload behind it. A ratio is "
            + "taken seed by seed; in brackets is its 95 % interval."));
        foreach (var row in measured)
        {
            var found = asked.FirstOrDefault(c => c.Id == row.Name) is { } claim ? Compared(claim, row.Found)
                : row.Found;
            foreach (var (n, line) in WordWrap.Fill(found, Columns - width - 4).Index())
            {
                to.Append($"  {(n == 0 ? row.Name : "").PadRight(width)}  {line}\n");
            }
        }

        to.Append(measured.Length > 0 ? "\n" : "");
        foreach (var row in rows)
        {
            Item(to, $"{row.Text} ({row.Verdict}; {row.Name})");
        }

        return to.Append('\n').ToString();
    }

    /// <summary>A value with its unit, and what it is compared with.</summary>
    private static string Compared(Claim claim, string found)
    {
        var unit = (claim.Per is { } per ? $"for each of {per.Name}" : claim.Metric.Unit switch
        {
            "count" => "in a run",
            "ratio" => "as a ratio",
            var own => own,
        }) + (claim.Encoding.Name.Length > 0 ? $" of {claim.Encoding.Name}" : "");
        var what = claim.Versus is not { } versus ? unit
            : claim.By == VersusMode.Ratio ? $"times that of {versus.Name}, for {claim.Encoding.Name}"
            : $"{unit} more than {versus.Name}";
        return $"{found} {what} ({claim.Workload.Name})";
    }

    /// <summary>Text between headings of the second level, by heading.</summary>
    private static Dictionary<string, string> Sections(string text) => text.Split("\n## ").Skip(1)
        .Select(section => section.Split('\n', 2)).Where(s => s.Length == 2)
        .DistinctBy(s => s[0].Trim()).ToDictionary(s => s[0].Trim(), s => s[1]);

    /// <summary>Markdown as a mail has it: a table's rows become items, lines are filled again.</summary>
    private static string Plain(string markdown)
    {
        var to = new StringBuilder();
        foreach (var block in markdown.Replace("**", "", StringComparison.Ordinal).Trim('\n').Split("\n\n"))
        {
            var lines = block.Split('\n');
            if (lines[0].StartsWith('|'))
            {
                foreach (var cells in lines.Skip(2).Select(l => l.Trim('|', ' ').Split('|').Select(c => c.Trim())))
                {
                    Item(to, string.Join(": ", cells));
                }
            }
            else if (lines[0].StartsWith("- ", StringComparison.Ordinal))
            {
                foreach (var item in ("\n" + block).Split("\n- ", StringSplitOptions.RemoveEmptyEntries))
                {
                    Item(to, item);
                }
            }
            else
            {
                to.Append(Paragraph(block).TrimEnd('\n')).Append('\n');
            }

            to.Append('\n');
        }

        return to.ToString();
    }

    private static void Item(StringBuilder to, string text)
    {
        foreach (var (n, line) in WordWrap.Fill(OneLine(text), Columns - 2).Index())
        {
            to.Append(n == 0 ? "- " : "  ").Append(line).Append('\n');
        }
    }

    private static string Paragraph(string text) =>
        string.Join('\n', WordWrap.Fill(OneLine(text), Columns)) + "\n\n";

    private static string OneLine(string text) => text.Replace('\n', ' ');

    private static string Stat(string diff)
    {
        var lines = diff.Split('\n');
        var path = lines[0].Split(" b/")[^1];
        var (plus, minus) = (lines.Count(l => l.StartsWith('+') && !l.StartsWith("+++", StringComparison.Ordinal)),
            lines.Count(l => l.StartsWith('-') && !l.StartsWith("---", StringComparison.Ordinal)));
        var most = Math.Max(1, (plus + minus + Stars - 1) / Stars);
        return Invariant($" {path} | {plus + minus} {new string('+', plus / most)}{new string('-', minus / most)}\n")
            + Invariant($" 1 file changed, {plus} insertions(+), {minus} deletions(-)\n");
    }

    private static string FileName(string title) => string.Join('-',
        new string([.. title.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
