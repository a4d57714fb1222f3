using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;

namespace UapiLab.Plugins;

/// <summary>What the compiler has against a file, with the line and a caret under the place.</summary>
internal static class CompilerMessages
{
    private const int Most = 10;

    public static void ThrowOn(string path, IReadOnlyList<Diagnostic> errors)
    {
        if (errors.Count == 0)
        {
            return;
        }

        var text = new StringBuilder();
        foreach (var error in errors.Take(Most))
        {
            Write(text, path, error);
        }

        if (errors.Count > Most)
        {
            text.Append(CultureInfo.InvariantCulture, $"and {errors.Count - Most} more\n");
        }

        throw new PluginSourceException(text.ToString());
    }

    private static void Write(StringBuilder text, string path, Diagnostic error)
    {
        var span = error.Location.GetLineSpan();
        var (line, column) = (span.StartLinePosition.Line, span.StartLinePosition.Character);
        text.Append(CultureInfo.InvariantCulture,
            $"{path}({line + 1},{column + 1}): {error.Id}: {error.GetMessage(CultureInfo.InvariantCulture)}\n");
        if (error.Location.SourceTree?.GetText().Lines is { } lines && line < lines.Count)
        {
            var source = lines[line].ToString();
            var width = span.EndLinePosition.Line == line ? Math.Max(1, span.EndLinePosition.Character - column) : 1;
            // Tabs stay tabs, so that the caret is below its place however wide they are.
            text.Append("    ").Append(source).Append('\n')
                .Append("    ").Append([.. source.Take(column).Select(c => c == '\t' ? c : ' ')]).Append('^', 1)
                    .Append('~', width - 1).Append('\n');
        }
    }
}
