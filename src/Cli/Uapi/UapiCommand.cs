using UapiLab.Abstractions;
using UapiLab.Cli.Ci;
using UapiLab.Cli.Commands;
using UapiLab.Cli.Plugins;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Uapi;

namespace UapiLab.Cli.Uapi;

/// <summary><c>uapi</c>: what an encoding would add to linux/kvm.h, printed, checked and compared.</summary>
internal sealed class UapiCommand : ExampleCommand
{
    public UapiCommand(Terminal terminal, PluginHost plugins)
        : base(
            "uapi",
            "Prints, checks and compares the uAPI of an encoding.",
            "uapi multi-bit:bits=4 --header",
            "uapi single-bit --check",
            "uapi single-bit --diff single-bit:apf=off",
            "uapi async-hint --diff upstream",
            "uapi async-hint --patch --base ~/linux",
            "uapi --all --size",
            "uapi my-idea --plugin my-idea/MyIdea.cs --check") =>
        Runs(
            plugins,
            (args, _) => new UapiRequest(args),
            (request, lab, cancellation) =>
                request.Run(new(terminal, lab.Encodings, cancellation)));
}

/// <summary>One thing that <c>uapi</c> does.</summary>
/// <param name="Run">Does it.</param>
internal sealed record UapiMode(
    string Name, string Description, Func<UapiJob, UapiRequest, int> Run, string? Value = null)
    : Choice(Name, Description, Value);

/// <summary>The arguments of <c>uapi</c>.</summary>
internal sealed class UapiRequest(Arguments args)
{
    private const string CheckMode = "--check";
    private const string PatchMode = "--patch";

    private IReadOnlyList<string> Names { get; } = args.Words(
        "ENCODING",
        "id or id:option=value,…, or a uAPI as it was posted (userfault-v3; docs/uapi.md); several for --check and "
            + "--size.");

    /// <summary>What is asked for, and its value.</summary>
    public (UapiMode Choice, string? Value) Mode { get; } = args.OneOf(
        new UapiMode("--header", "Print the C header (default).", (job, uapi) => job.Header(uapi.One(job))),
        new UapiMode(
            "--asserts",
            "Print the header and assertions on every offset and size: it compiles with gcc -m64 and -m32, or one of "
                + "us is wrong.",
            (job, uapi) => job.Asserts(uapi.One(job))),
        new UapiMode("--doc", "Print a stub for api.rst.", (job, uapi) => job.Doc(uapi.One(job))),
        new UapiMode(
            PatchMode,
            "Print a patch for the kvm.h and api.rst of the kernel tree that --base names; git apply takes it.",
            (job, uapi) => job.Patch(uapi.One(job), uapi.Tree is { Length: > 0 } tree ? tree
                : throw new InputException(PatchMode, "expected --base TREE with it"))),
        new UapiMode(
            "--selftest",
            "Print a C program that tests a kernel which has it: what each ioctl refuses, a guest at a marked page, "
                + "and the shortest histories that one program can bring about.",
            (job, uapi) => job.Selftest(uapi.Encodings(job))),
        new UapiMode("--json", "Print the description as JSON, for a later --diff.",
            (job, uapi) => job.Json(uapi.One(job))),
        new UapiMode(
            "--size", "Count states, shared words, ioctls, flags and locks.",
                (job, uapi) => job.Size(uapi.Encodings(job))),
        new UapiMode(
            CheckMode,
            "Hold it against the rules of uAPI design; exit 1 on an error.",
            (job, uapi) => job.Check(uapi.Encodings(job), uapi.Ci, uapi.Plugins)),
        new UapiMode(
            "--diff",
            "Compare with an older version: a file that --json wrote, another encoding, a uAPI as it was posted, or "
                + "upstream; exit 1 if old programs break.",
            (job, uapi) => job.Diff(uapi.One(job), uapi.Mode.Value!),
            "OLD"),
        new UapiMode("--rules", "List the rules of --check with their sources.", (job, _) => job.Rules()));

    public int Run(UapiJob job) => Ci.IsAsked && Mode.Choice.Name != CheckMode
        ? throw new InputException("--sarif", $"expected {CheckMode} with it")
        : Tree is not null && Mode.Choice.Name != PatchMode
        ? throw new InputException("--base", $"expected {PatchMode} with it")
        : Mode.Choice.Run(job, this);

    private string? Tree { get; } = args.Text("--base", "TREE", "A kernel tree, for --patch.");

    private bool All { get; } = args.Flag("--all", "Every variant of every encoding, for --check and --size.");

    public CiOutputs Ci { get; } = new(args, sarif: "what --check finds", summary: false);

    public IReadOnlyList<string> Plugins { get; } = args.Given("--plugin");

    private IReadOnlyList<Encoding> Encodings(UapiJob job) => All == (Names.Count > 0)
        ? throw new InputException("uapi", "expected encodings, or --all")
        : All ? job.Every() : [.. Names.Select(job.Resolve)];

    private UapiModel One(UapiJob job) => !All && Names is [var name] ? job.Model(name)
        : Encodings(job) is [var encoding] ? UapiModel.Of(encoding)
        : throw new InputException($"uapi {Mode.Choice.Name}", "expected one encoding");
}
