namespace UapiLab.Cli.Tests;

/// <summary>A plugin that misbehaves: a new idea with code put into it.</summary>
internal static class HostilePlugin
{
    private const string Half = "        // Acquire pairs with the VMM's release";
    private const string Family = "    public string Id => \"hostile\";";
    private const string Description = "public override EncodingDescription Description =>";

    /// <param name="line">Whose folder it is written to.</param>
    /// <param name="half">At the head of KVM's half.</param>
    /// <param name="family">In the constructor of the family.</param>
    /// <param name="description">Whenever the encoding is described; <c>reads</c> counts that.</param>
    public static async Task<string> Write(CommandLine line, string half = "", string family = "",
        string description = "")
    {
        Assert.Equal(0, (await CommandLine.Run("new", line.Path("hostile"))).Exit);
        var file = line.Path("hostile/Hostile.cs");
        var text = File.ReadAllText(file);
        text = Put(text, Half, half, "\n" + Half);
        text = family.Length == 0 ? text
            : Put(text, Family, $"    public HostileFamily() {{ {family} }}\n", Family);
        text = description.Length == 0 ? text
            : Put(text, Description, "private int reads; public override EncodingDescription Description { get { "
                + $"reads++; {description} return Text; }} }}\n    private static EncodingDescription Text =>", "");
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>The other rows of a report.</summary>
    public static IEnumerable<string> OtherRows(string report) => File.ReadAllLines(report)
        .Where(l => l.StartsWith("   never-async ", StringComparison.Ordinal)
            || l.StartsWith("   oracle ", StringComparison.Ordinal)).Take(2).Select(Words);

    /// <summary>The other rows as they are without the plugin.</summary>
    public static async Task<IEnumerable<string>> OtherRowsAlone(CommandLine line)
    {
        await CommandLine.Run("compare", "never-async", "--workload", "all-sync", "--seeds", "2", "--cells-only",
            "--proposals", line.Folder("none"), "--out", line.Path("alone"));
        return OtherRows(line.Path("alone/report.txt"));
    }

    /// <summary>With one space between two words.</summary>
    public static string Words(string text) =>
        string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string Put(string text, string place, string before, string after)
    {
        Assert.Contains(place, text, StringComparison.Ordinal);
        return text.Replace(place, before + after, StringComparison.Ordinal);
    }
}
