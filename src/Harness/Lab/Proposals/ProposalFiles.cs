using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Json;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Lab.Proposals;

/// <summary>Finds and reads proposals: <c>proposals/*/proposal.json</c>.</summary>
public static class ProposalFiles
{
    /// <summary>Name of the file in each folder.</summary>
    public const string FileName = "proposal.json";

    /// <summary>Every proposal below a directory, by folder name; the template is left out. None if there is no such
    /// directory.</summary>
    /// <exception cref="InputException">A proposal cannot be read or is wrong; the place is
    /// <c>file:line</c>.</exception>
    public static IReadOnlyList<Proposal> ReadAll(string directory, LabCatalog lab,
        CancellationToken cancellation = default) =>
        Directory.Exists(directory)
            ? [.. Directory.GetDirectories(directory)
                .Order(StringComparer.Ordinal)
                .Select(folder => Path.Combine(folder, FileName))
                .Where(File.Exists)
                .Select(file => Read(file, lab, cancellation))
                .OfType<Proposal>()]
            : [];

    /// <summary>The same where there has to be one.</summary>
    /// <exception cref="InputException">There is none, or one is wrong.</exception>
    public static IReadOnlyList<Proposal> ReadSome(string directory, LabCatalog lab,
        CancellationToken cancellation = default) =>
        ReadAll(directory, lab, cancellation) is [_, ..] some
        ? some
        : throw new InputException(directory,
            $"no proposal, expected a folder with proposals, each a folder with a {FileName}");

    /// <summary>One proposal; null if it is the template.</summary>
    /// <exception cref="InputException">It cannot be read or is wrong.</exception>
    public static Proposal? Read(string file, LabCatalog lab, CancellationToken cancellation = default)
    {
        var content = InputFile.Read(file, "a proposal as a JSON file", cancellation);
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))!;
        if (!CleanText.IsLine(folder))
        {
            throw new InputException(file, "expected a folder whose name is one line without control characters");
        }

        return new ProposalReader(lab, JsonPlace.Parse(file, content), folder).Read();
    }
}
