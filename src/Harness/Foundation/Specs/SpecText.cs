namespace UapiLab.Harness.Foundation.Specs;

/// <summary>The text <c>id</c> or <c>id:option=value,option=value</c>, taken apart. Commas inside parentheses belong to
/// a value; spaces around names and values are ignored.</summary>
/// <param name="Id">Before the first colon.</param>
/// <param name="Options">In the order given; no name twice.</param>
internal sealed record SpecText(string Id, IReadOnlyList<KeyValuePair<string, string>> Options)
{
    private const string Form = "expected id or id:option=value,option=value";

    /// <summary>Takes a specification apart.</summary>
    /// <exception cref="InputException">It has another form, or names an option twice.</exception>
    public static SpecText Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var id = (colon < 0 ? text : text[..colon]).Trim();
        if (id.Length == 0)
        {
            throw new InputException($"'{text}'", Form);
        }

        return new(id, colon < 0 ? [] : ParseOptions(text, text[(colon + 1)..]));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Options.Count == 0 ? Id : $"{Id}:{string.Join(',', Options.Select(o => $"{o.Key}={o.Value}"))}";

    private static List<KeyValuePair<string, string>> ParseOptions(string text, string list)
    {
        var options = new List<KeyValuePair<string, string>>();
        foreach (var part in SplitAtTopLevel(text, list))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : part[..equals].Trim();
            var value = part[(equals + 1)..].Trim();
            if (name.Length == 0 || value.Length == 0)
            {
                throw new InputException(text, $"{Form}, found '{part.Trim()}'");
            }

            if (options.Any(o => o.Key == name))
            {
                throw new InputException(text, $"option '{name}' is given twice, expected it once");
            }

            options.Add(new(name, value));
        }

        return options;
    }

    private static IEnumerable<string> SplitAtTopLevel(string text, string list)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < list.Length; i++)
        {
            depth += list[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0)
            {
                break;
            }

            if (list[i] == ',' && depth == 0)
            {
                yield return list[start..i];
                start = i + 1;
            }
        }

        if (depth != 0)
        {
            throw new InputException(text, "expected as many ')' as '(', each after its '('");
        }

        yield return list[start..];
    }
}
