using System.Text;
using System.Text.RegularExpressions;

namespace UapiLab.Tidy.Tests;

public sealed partial class HygieneTests
{
    [Fact]
    public void Text_files_end_their_lines_with_a_line_feed_only()
    {
        IEnumerable<string> offenders =
            from file in Repository.Files
            where !file.StartsWith("tests/Golden/", StringComparison.Ordinal)
            where ReadText(file)?.Contains('\r', StringComparison.Ordinal) == true
            select file;

        Assert.Empty(offenders);
    }

    [Fact]
    public void Every_Markdown_file_has_exactly_one_title()
    {
        IEnumerable<string> offenders =
            from file in Repository.Files
            where file.EndsWith(".md", StringComparison.Ordinal)
            let titles = CountTitles(File.ReadAllLines(Repository.FullPath(file)))
            where titles != 1
            select $"{file}: {titles} titles";

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData(1, "# Title", "text", "## Section")]
    [InlineData(1, "# Title", "```sh", "# a comment", "```")]
    [InlineData(2, "# Title", "```", "~~~", "```", "# Second")]
    [InlineData(1, "````", "```", "# inside", "````", "# Title")]
    [InlineData(0, "#Title", "#!shebang")]
    public void Titles_are_counted_outside_code_fences(int expected, params string[] lines)
    {
        Assert.Equal(expected, CountTitles(lines));
    }

    private static int CountTitles(IEnumerable<string> lines)
    {
        int titles = 0;
        string? openFence = null;
        foreach (string line in lines)
        {
            string fence = FencePattern().Match(line).Groups["fence"].Value;
            if (openFence is null)
            {
                titles += line.StartsWith("# ", StringComparison.Ordinal) ? 1 : 0;
                openFence = fence.Length > 0 ? fence : null;
            }
            else if (fence.StartsWith(openFence, StringComparison.Ordinal))
            {
                openFence = null;
            }
        }

        return titles;
    }

    private static string? ReadText(string file)
    {
        byte[] content = File.ReadAllBytes(Repository.FullPath(file));
        return Repository.IsBinary(content) ? null : Encoding.UTF8.GetString(content);
    }

    [GeneratedRegex("^ {0,3}(?<fence>`{3,}|~{3,})")]
    private static partial Regex FencePattern();
}
