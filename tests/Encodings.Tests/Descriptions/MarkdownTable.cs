namespace UapiLab.Encodings.Tests.Descriptions;

/// <summary>A pipe table of a Markdown file, under the heading it stands in.</summary>
internal sealed record MarkdownTable(string Heading, IReadOnlyList<string> Header,
    IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public static IReadOnlyList<MarkdownTable> ReadAll(IEnumerable<string> lines)
    {
        List<MarkdownTable> tables = [];
        string heading = "";
        List<IReadOnlyList<string>> current = [];
        foreach (string line in lines.Append(""))
        {
            if (line.StartsWith('|'))
            {
                current.Add([.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())]);
                continue;
            }

            if (current.Count > 1)
            {
                tables.Add(new(heading, current[0], current[2..]));
            }

            current = [];
            heading = line.StartsWith('#') ? line.TrimStart('#').Trim() : heading;
        }

        return tables;
    }
}
