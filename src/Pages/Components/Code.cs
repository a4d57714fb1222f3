using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace UapiLab.Pages.Components;

/// <summary>A script element, whose text is no markup: the explorer's code, or data as JSON in which no character is
/// left that could end the element.</summary>
public sealed class Code : ComponentBase
{
    /// <summary>The code of explorer.js.</summary>
    public static string Explorer { get; } = Read();

    /// <summary>No script runs but the page's own, and nothing is loaded.</summary>
    public static string Policy { get; } = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Explorer))) + "'";

    /// <summary>Code, or JSON.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Whether it is JSON.</summary>
    [Parameter]
    public bool IsData { get; set; }

    /// <inheritdoc />
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (Text.Contains('<', StringComparison.Ordinal))
        {
            throw new InvalidOperationException("a script must not hold '<': it could end its element");
        }

        builder.OpenElement(0, "script");
        if (IsData)
        {
            builder.AddAttribute(1, "type", "application/json");
        }

        builder.AddMarkupContent(2, Text);
        builder.CloseElement();
    }

    private static string Read()
    {
        using Stream stream = typeof(Code).Assembly.GetManifestResourceStream("explorer.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
