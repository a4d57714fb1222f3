using System.Text;
using System.Text.Json;
using UapiLab.Cli.New;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Proposals;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Patch;

namespace UapiLab.Cli.Proposals;

/// <summary>Writes a proposal as mails.</summary>
internal static class MailJob
{
    public static int Run(Terminal terminal, LabCatalog lab, MailRequest request, CancellationToken cancellation)
    {
        string Read(string path, string expected) =>
            Encoding.UTF8.GetString(InputFile.Read(path, expected, cancellation));
        var proposals = ProposalFiles.ReadSome(request.Directory, lab, cancellation);
        Proposal[] asked = [.. proposals.Where(p => p.Folder == request.Folder)];
        asked = asked.Length > 0 ? asked
            : [.. proposals.Where(p => p.Folder.StartsWith(request.Folder + "-", StringComparison.Ordinal))];
        if (asked is not [var proposal])
        {
            throw new InputException(request.Folder, $"no proposal below {request.Directory}, expected one of "
                + string.Join(", ", proposals.Select(p => p.Folder)));
        }

        var folder = Path.Combine(request.Directory, proposal.Folder);
        var readme = Path.Combine(folder, "README.md");
        var text = Read(readme, "the text of a proposal");
        RefuseTemplate(Path.Combine(folder, "proposal.json"), readme, proposal.Title, text);
        var files = ProposalMail.Write(proposal,
            text,
            Read(Path.Combine(folder, EvidenceFiles.Folder, "claims.txt"),
                "evidence, which proposals verify --update writes"),
            new KernelPatch(UapiModel.Of(lab.Encodings.Resolve(proposal.Encoding.Name)),
                path => Read(Path.Combine(request.Tree, path), "a file of a kernel tree"), request.Tree));
        foreach (var (name, _) in files)
        {
            var path = Path.Combine(request.Out, name);
            if (File.Exists(path))
            {
                throw new InputException(path, "expected no file of that name in --out: it is left as it is");
            }
        }

        OutputFile.TryFolder(request.Out);
        foreach (var (name, content) in files)
        {
            OutputFile.Write(Path.Combine(request.Out, name), content);
            terminal.Out.WriteLine(Path.Combine(request.Out, name));
        }

        terminal.Error.WriteLine($"uapilab: read them, add your Signed-off-by, then: git send-email {request.Out}");
        return ExitCode.Fine;
    }

    /// <summary>A mail in the words of the template says nothing, and is sent once.</summary>
    private static void RefuseTemplate(string json, string readme, string title, string text)
    {
        using var template = JsonDocument.Parse(NewJob.Template("proposal.json.txt"));
        if (template.RootElement.GetProperty("title").GetString() == title)
        {
            throw new InputException(json, $"expected a title of its own, found the template's: \"{title}\"");
        }

        var own = Paragraphs(text).ToHashSet();
        if (Paragraphs(NewJob.Template("proposal.md")).FirstOrDefault(own.Contains) is { } left)
        {
            throw new InputException(readme,
                $"expected text of its own, found the template's: \"{CleanText.Short(left)}\"");
        }
    }

    /// <summary>Without headings, and however the lines are broken.</summary>
    private static IEnumerable<string> Paragraphs(string markdown) => markdown.ReplaceLineEndings("\n").Split("\n\n")
        .Select(p => string.Join(' ', p.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
        .Where(p => p.Length > 0 && !p.StartsWith("## ", StringComparison.Ordinal));
}
