using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Compare;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Scenarios;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Files;
using UapiLab.Harness.Uapi.Lint;
using UapiLab.Harness.Uapi.Patch;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Cli.Uapi;

/// <summary>Carries out one <c>uapi</c>.</summary>
internal sealed class UapiJob(Terminal terminal, EncodingRegistry registry, CancellationToken cancellation)
{
    /// <summary>The uAPI of that name: of an encoding, or as it was posted.</summary>
    public UapiModel Model(string name) =>
        PostedUapis.Find(name) is { } posted ? new(posted.Description, posted.Regions) : UapiModel.Of(Resolve(name));

    /// <summary>The encoding of that name, which must have a uAPI.</summary>
    public Encoding Resolve(string spec)
    {
        if (PostedUapis.Find(spec) is not null)
        {
            throw new InputException(spec, "expected an encoding; of a uAPI as it was posted nothing runs");
        }

        var encoding = registry.Resolve(spec);
        return HasUapi(encoding) ? encoding
            : throw new InputException(spec, "expected an encoding with a uAPI of its own; a reference point has none");
    }

    /// <summary>Every variant that has a uAPI.</summary>
    public IReadOnlyList<Encoding> Every() => [.. registry.Families.SelectMany(registry.EveryVariant).Where(HasUapi)];

    public int Header(UapiModel model) => Print(CHeader.Write(model));

    public int Doc(UapiModel model) => Print(ApiDoc.Write(model));

    public int Patch(UapiModel model, string tree)
    {
        var patch = new KernelPatch(model, path =>
            System.Text.Encoding.UTF8.GetString(
                InputFile.Read(Path.Combine(tree, path), "a file of a kernel tree", cancellation)), tree);
        return Print(patch.Header + patch.Document);
    }

    public int Selftest(IReadOnlyList<Encoding> encodings) => encodings is [var encoding]
        ? Print(Selftests.Write(encoding))
        : throw new InputException("uapi --selftest", "expected one encoding");

    public int Json(UapiModel model) => Print(UapiJson.Write(model));

    public int Asserts(UapiModel model) => Print(CHeader.Write(model) + "\n" + CAsserts.Write(model));

    public int Size(IReadOnlyList<Encoding> encodings) => Print(SizeText.Write(encodings));

    public int Rules() => Print(LintText.Rules());

    public int Check(IReadOnlyList<Encoding> encodings, CiOutputs ci, IReadOnlyList<string> plugins)
    {
        ci.Try();
        var results = new List<SarifResult>();
        var sources = ci.IsAsked ? new SourceFiles(plugins) : null;
        var worst = ExitCode.Fine;
        foreach (var encoding in encodings)
        {
            var findings = UapiLint.Check(encoding);
            terminal.Out.Write(LintText.Write(encoding.Description.FullName, findings));
            worst = findings.Any(f => f.Severity == Severity.Error) ? ExitCode.Violation : worst;
            results.AddRange(findings.Select(f => new SarifResult(f.Rule, f.Severity.Words(),
                $"{encoding.Description.FullName}: {f.Place}: {f.Text}", $"{encoding.Description.FullName}/{f.Place}",
                sources?.Naming(encoding.GetType(), f.Place), [])));
        }

        return ci.Write(terminal.Error, worst, sarif: () => SarifReport.Write(RunContext.Version,
            [.. UapiLint.Rules.Select(r => (r.Id, r.Doc))], results));
    }

    public int Diff(UapiModel now, string old)
    {
        var before = Old(old);
        var changes = UapiDiff.Compare(before, now);
        terminal.Out.Write(DiffText.Write(before.Description.FullName, now.Description.FullName, changes));
        return changes.Any(c => c.Class == ChangeClass.Break) ? ExitCode.Violation : ExitCode.Fine;
    }

    private UapiModel Old(string old)
    {
        if (old == UapiModel.UpstreamName)
        {
            return UapiModel.Upstream;
        }

        // A name of an encoding is never a path that one would give: a path has a dot or a slash.
        return old.AsSpan().ContainsAny('.', '/') || File.Exists(old) ? UapiJsonReader.Read(old,
            InputFile.Read(old, "a file that uapi --json wrote", cancellation)) : Model(old);
    }

    /// <summary>A reference point's is made up, and what catches pages below KVM adds none.</summary>
    private static bool HasUapi(Encoding encoding) =>
        !encoding.Description.Traits.HasFlag(EncodingTraits.ReferencePoint)
            && encoding.Description.Interception == Interception.Memslot;

    private int Print(string text)
    {
        terminal.Out.Write(text);
        return ExitCode.Fine;
    }
}
