namespace UapiLab.Cli.Tests;

/// <summary>What <c>new --language c</c> writes, with changes.</summary>
internal static class EditedIdea
{
    /// <param name="line">Whose folder it is written to.</param>
    /// <param name="id">Its id.</param>
    /// <param name="edits">Old text and new text, in turn; the old one is there once.</param>
    public static async Task<string> InC(CommandLine line, string id, params string[] edits)
    {
        Assert.Equal(0, (await CommandLine.Run("new", line.Path(id), "--language", "c")).Exit);
        var file = line.Path($"{id}/{id}.c");
        var text = File.ReadAllText(file);
        for (var i = 0; i < edits.Length; i += 2)
        {
            Assert.Equal(2, text.Split(edits[i]).Length);
            text = text.Replace(edits[i], edits[i + 1], StringComparison.Ordinal);
        }

        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>The same with a statement at the head of KVM's answer to a fault, in line 50.</summary>
    public static Task<string> WithStatement(CommandLine line, string statement) => InC(line, "hostile",
        "#include \"uapilab.h\"\n", "#include \"uapilab.h\"\n#include <stdlib.h>\n#include <string.h>\n"
            + "#include <time.h>\n#include <unistd.h>\n",
        "\tu64 word;\n", $"\tu64 word;\n\n\t{statement}\n");
}
