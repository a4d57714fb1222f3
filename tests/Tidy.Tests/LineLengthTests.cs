namespace UapiLab.Tidy.Tests;

/// <summary>A line of code fits 120 columns. What stands in a raw string is data.</summary>
public sealed class LineLengthTests
{
    private const int Columns = 120;

    [Fact]
    public void No_line_of_code_is_longer_than_120_columns()
    {
        IEnumerable<string> offenders =
            from file in Repository.Files
            where file.EndsWith(".cs", StringComparison.Ordinal)
                && !file.StartsWith("tests/data/", StringComparison.Ordinal) // users' files
            from line in LongLines(File.ReadAllLines(Repository.FullPath(file)))
            select $"{file}({line})";

        Assert.Empty(offenders);
    }

    [Fact]
    public void A_long_line_is_found_outside_raw_strings_only()
    {
        string over = new('x', Columns + 1);

        Assert.Equal([1, 5], LongLines([over, "= \"\"\"", over, "\"\"\";", over, over[1..]]));
    }

    private static IEnumerable<int> LongLines(IReadOnlyList<string> lines)
    {
        bool isRaw = false;
        for (int i = 0; i < lines.Count; i++)
        {
            bool touchesRaw = isRaw || lines[i].Contains("\"\"\"", StringComparison.Ordinal);
            isRaw ^= lines[i].Split("\"\"\"").Length % 2 == 0;
            if (!touchesRaw && lines[i].Length > Columns)
            {
                yield return i + 1;
            }
        }
    }
}
