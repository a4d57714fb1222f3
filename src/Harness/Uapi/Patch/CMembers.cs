using System.Text.RegularExpressions;

namespace UapiLab.Harness.Uapi.Patch;

/// <summary>A member of a structure, as a text of C declares it.</summary>
/// <param name="Name">Empty for what is anonymous.</param>
/// <param name="First">Its line, or that of a comment right above it.</param>
/// <param name="Line">Where its declaration begins.</param>
/// <param name="Last">The line where it ends.</param>
/// <param name="Elements">Of an array whose length is a number; null for another length.</param>
/// <param name="Members">Its own.</param>
internal sealed record CMember(
    string Name, int First, int Line, int Last, int? Elements, IReadOnlyList<CMember> Members);

/// <summary>Reads declarations, one a line as the kernel writes them. What is not one is passed over, so the fragments
/// of api.rst are read as the header is.</summary>
internal sealed partial class CMembers(IReadOnlyList<string> lines)
{
    private int _line;

    /// <summary>The members of the structure whose first line is given.</summary>
    /// <param name="first">The line with its brace.</param>
    /// <param name="end">Nothing is read from here on.</param>
    public IReadOnlyList<CMember> Of(int first, int end)
    {
        _line = first + 1;
        return Read(end, out _);
    }

    private List<CMember> Read(int end, out string name)
    {
        List<CMember> members = [];
        var (comment, isComment) = (-1, false);
        name = "";
        for (; _line < end; _line++)
        {
            var text = Comments().Replace(lines[_line], "").TrimEnd();
            var begins = text.Contains("/*", StringComparison.Ordinal);
            if (isComment || begins)
            {
                comment = begins ? _line : comment;
                isComment = !text.Contains("*/", StringComparison.Ordinal);
                continue;
            }

            var line = _line;
            if (Close().Match(text) is { Success: true } close)
            {
                name = close.Groups[1].Value;
                return members;
            }

            if (Open().IsMatch(text))
            {
                _line++;
                var inner = Read(end, out var own);
                members.Add(new(own, comment >= 0 ? comment : line, line, _line, 1, inner));
                comment = -1;
            }
            else if (Member().Match(text) is { Success: true } member)
            {
                members.Add(new(member.Groups["name"].Value, comment >= 0 ? comment : line, line, line,
                    ElementsOf(member.Groups["length"].Value), []));
                comment = -1;
            }
            else
            {
                comment = text.Trim().Length == 0 && lines[_line].Contains("/*", StringComparison.Ordinal) ? _line : -1;
            }
        }

        return members;
    }

    private static int? ElementsOf(string length) =>
        length.Length == 0 ? 1 : int.TryParse(length, CultureOf, out var elements) ? elements : null;

    private static System.Globalization.CultureInfo CultureOf => System.Globalization.CultureInfo.InvariantCulture;

    [GeneratedRegex(@"/\*.*?\*/")]
    private static partial Regex Comments();

    [GeneratedRegex(@"^\s*(?:struct|union)(?:\s+\w+)?\s*\{$")]
    private static partial Regex Open();

    [GeneratedRegex(@"^\s*\}\s*(\w*)\s*;$")]
    private static partial Regex Close();

    [GeneratedRegex(@"^\s*(?:const\s+)?(?:(?:struct|union|enum)\s+\w+|unsigned(?:\s+\w+)?|__\w+|char|int|long)\s+\**"
        + @"(?:\w+\()?(?<name>\w+)\)?(?:\[(?<length>[^\]]*)\])?\s*;$")]
    private static partial Regex Member();
}
