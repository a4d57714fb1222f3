using System.Text;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Uapi.Text;

/// <summary>Comments in kernel style, within 80 columns.</summary>
internal static class CComment
{
    private const int Columns = 80;
    private const int Tab = 8;

    /// <summary>A comment on lines of its own.</summary>
    public static void Write(StringBuilder to, string text, int tabs = 0)
    {
        var indent = new string('\t', tabs);
        var width = Columns - (tabs * Tab);
        // "*/" would end the comment and "/*" warn within it.
        text = text.Replace("*/", "* /", StringComparison.Ordinal).Replace("/*", "/ *", StringComparison.Ordinal);
        if (text.Length + "/*  */".Length <= width && !text.Contains('\n', StringComparison.Ordinal))
        {
            to.Append(indent).Append("/* ").Append(text).Append(" */\n");
            return;
        }

        to.Append(indent).Append("/*\n");
        foreach (var paragraph in text.Split('\n'))
        {
            foreach (var line in WordWrap.Fill(paragraph, width - " * ".Length))
            {
                to.Append(indent).Append((" * " + line).TrimEnd()).Append('\n');
            }
        }

        to.Append(indent).Append(" */\n");
    }
}
