using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Tests;

/// <summary>A search on silos says what one process says, or that it does not know.</summary>
public sealed partial class ClusterTests(ThreeSilos three) : IClassFixture<ThreeSilos>, IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    /// <summary>Verdicts, counts and histories: all but the time, and the memory of tables that are larger in
    /// parts.</summary>
    [Theory]
    [InlineData(ExitCode.Fine, "single-bit", "tasks:vcpus=1")]
    [InlineData(ExitCode.Fine, "exitless", "tasks:vcpus=1,tasks=1")]
    [InlineData(ExitCode.Violation, "single-bit:variant=as-posted", "careless:vcpus=1")]
    [InlineData(ExitCode.Violation, "single-bit:variant=as-posted", "careless:vcpus=1", "--keep-going")]
    [InlineData(ExitCode.Undecided, "async-hint", "tasks:vcpus=1", "--no-liveness", "--no-reduction")]
    [InlineData(ExitCode.Undecided, "single-bit", "full", "--max-states", "40000")]
    public async Task Three_silos_say_what_one_process_says(int exit, string encoding, string instance,
        params string[] options)
    {
        string[] check = ["check", encoding, "--instance", instance, "--json", .. options];
        var here = await CommandLine.Run([.. check, "--out", _line.Path("here")]);
        var there = await CommandLine.Run([.. check, "--out", _line.Path("there"), "--cluster", three.Silos.Text]);

        Assert.Equal((exit, ""), (here.Exit, here.Error));
        Assert.Equal((exit, ""), (there.Exit, there.Error));
        Assert.Equal(Comparable(here.Out), Comparable(there.Out));
        Assert.Equal(Histories("here"), Histories("there"));
    }

    [Fact]
    public async Task The_text_says_what_silos_sent()
    {
        var (_, text, _) = await CommandLine.Run("check", "never-async", "--instance", "tasks:vcpus=1",
            "--out", _line.Path("out"), "--cluster", three.Silos.Text);

        Assert.Matches(@"  cluster     3 silos sent each other [\d,]+ bytes in [\d,]+ messages; ", text);
    }

    /// <summary>What was found before remains true; nothing holds.</summary>
    [Fact]
    public async Task A_silo_that_is_killed_leaves_a_search_not_decided()
    {
        using var silos = await Silos.Start(3);
        using var connection = silos.Connect();
        var instance = CheckInstance.Resolve("tasks:vcpus=1");
        var depthOfKill = 0;
        var outcome = Checker.Run(Resolve("single-bit"), instance, connection.On(new()
        {
            Liveness = true,
            Progress = (_, depth) =>
            {
                if (depth == 12 && Interlocked.Exchange(ref depthOfKill, depth) == 0)
                {
                    silos.Kill(2);
                }
            },
        }));

        Assert.Equal(12, depthOfKill);
        Assert.Equal($"the loss of silo {silos.Places[2]}", outcome.Result.Bound);
        Assert.True(outcome.IsUndecided);
        Assert.All(outcome.Result.Properties, p => Assert.True(p.Verdict is PropertyVerdict.NotDecided
            or PropertyVerdict.Seen or PropertyVerdict.NotAsked or PropertyVerdict.DoesNotApply, p.Property.Name));
        Assert.Contains(outcome.Result.Properties, p => p.Verdict == PropertyVerdict.Seen);

        // The next one is not decided either, and at once.
        Assert.Equal(outcome.Result.Bound,
            Checker.Run(Resolve("never-async"), instance, connection.On(new())).Result.Bound);
    }

    [Fact]
    public void Another_build_is_refused()
    {
        var refused = Assert.Throws<InputException>(() => three.Silos.Connect("another"));

        Assert.Equal($"--cluster {three.Silos.Places[0]}: runs another build of uapilab, expected the same as here",
            refused.Message);
    }

    [Theory]
    [InlineData("--random", "10")]
    [InlineData("--depth-first", "10")]
    [InlineData("--exact")]
    public async Task What_only_one_process_can_do_is_refused(params string[] other)
    {
        var refused = await CommandLine.Run(
            ["check", "single-bit", "--quick", "--cluster", three.Silos.Text, .. other]);

        Assert.Equal(ExitCode.BadInput, refused.Exit);
        Assert.StartsWith($"uapilab: --cluster {other[0]}: expected one of them", refused.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_is_refused()
    {
        var plugin = Path.Combine(AppContext.BaseDirectory, "../../../../data/plugins/label-ok.cs");
        var refused = await CommandLine.Run("check", "label-ok", "--plugin", plugin, "--cluster", three.Silos.Text);

        Assert.Equal(ExitCode.BadInput, refused.Exit);
        Assert.StartsWith("uapilab: --cluster --plugin: expected one of them", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "expected HOST:PORT")]
    [InlineData("127.0.0.1:65535", "expected HOST:PORT")]
    [InlineData("127.0.0.1:7400,127.0.0.1:7400", "expected each silo once")]
    [InlineData("127.0.0.1:1", "expected a silo there")]
    public async Task Silos_that_are_not_there_are_named(string places, string expected)
    {
        var refused = await CommandLine.Run("check", "single-bit", "--quick", "--cluster", places);

        Assert.Equal(ExitCode.BadInput, refused.Exit);
        Assert.StartsWith("uapilab: --cluster 127.0.0.1", refused.Error, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--listen 0.0.0.0:7400: expected a loopback address, or --certificate and --authority for mutual TLS",
        "--listen", "0.0.0.0:7400")]
    [InlineData("--listen 192.0.2.7:7400: expected a loopback address, or --certificate and --authority for mutual TLS",
        "--listen", "192.0.2.7:7400")]
    [InlineData("--certificate: expected --authority beside it", "--certificate", "me.pem")]
    public async Task A_silo_beyond_loopback_has_certificates(string expected, params string[] options)
    {
        var refused = await CommandLine.Run(["silo", .. options]);

        Assert.Equal(new(ExitCode.BadInput, "", $"uapilab: {expected}{Environment.NewLine}"), refused);
    }

    [Fact]
    public async Task A_silo_says_that_its_port_is_taken()
    {
        var refused = await CommandLine.Run("silo", "--listen", three.Silos.Places[0]);

        Assert.Equal(ExitCode.BadInput, refused.Exit);
        Assert.StartsWith($"uapilab: --listen {three.Silos.Places[0]}: cannot listen on port ",
            refused.Error, StringComparison.Ordinal);
    }

    /// <summary>Only who has a certificate of the authority gets in.</summary>
    [Fact]
    public async Task Mutual_tls_lets_in_who_belongs()
    {
        using var ours = Authority("ours");
        using var theirs = Authority("theirs");
        string[] member = ["--certificate", Member(ours, "member"), "--authority", Pem("ours", ours)];
        string[] stranger = ["--certificate", Member(theirs, "stranger"), "--authority", Pem("ours", ours)];
        using var silos = await Silos.Start(2, member);
        string[] check = ["check", "never-async", "--instance", "tasks:vcpus=1", "--out", _line.Path("out"),
            "--cluster", silos.Text];

        var within = await CommandLine.Run([.. check, .. member]);
        Assert.Equal((ExitCode.Fine, ""), (within.Exit, within.Error));
        Assert.Contains("holds on tasks:vcpus=1, exhausted", within.Out, StringComparison.Ordinal);
        foreach (var without in new[] { [], stranger })
        {
            var refused = await CommandLine.Run([.. check, .. without]);
            Assert.Equal(ExitCode.BadInput, refused.Exit);
            Assert.StartsWith($"uapilab: --cluster {silos.Text}: expected silos there, with the same certificates",
                refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.Fine, await silos.Close(1));
    }

    /// <summary>A check in one process loads neither Orleans nor what uses it. The runtime's own events say what it
    /// loads.</summary>
    [Fact]
    public async Task A_check_without_silos_loads_nothing_of_them()
    {
        var events = _line.Path("events.nettrace");
        var start = ThisProgram.Again(
            "check", "never-async", "--instance", "tasks:vcpus=1", "--out", _line.Path("out"), "--quiet");
        start.Environment["DOTNET_EnableEventPipe"] = "1";
        start.Environment["DOTNET_EventPipeOutputPath"] = events;
        start.Environment["DOTNET_EventPipeConfig"] = "Microsoft-Windows-DotNETRuntime:0x8:4";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        var loaded = Encoding.Latin1.GetString(File.ReadAllBytes(events)).Replace("\0", "", StringComparison.Ordinal);

        Assert.Equal(ExitCode.Fine, process.ExitCode);
        Assert.Contains("UapiLab.Harness.Checking", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("Orleans", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("UapiLab.Cluster", loaded, StringComparison.Ordinal);
    }

    private static Abstractions.Encoding Resolve(string text) =>
        new EncodingRegistry(BuiltInEncodings.All).Resolve(text);

    private static string Comparable(string json) => Measured().Replace(json, "");

    private string[] Histories(string folder) =>
    [
        .. Directory.EnumerateFiles(_line.Path(folder), "*.json").Order(StringComparer.Ordinal)
            .Select(path => Path.GetFileName(path) + File.ReadAllText(path)),
    ];

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private string Member(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).Create(
            authority, authority.NotBefore, authority.NotAfter, Encoding.UTF8.GetBytes(name));
        return _line.Write(name + ".pem",
            certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private string Pem(string name, X509Certificate2 certificate) =>
        _line.Write(name + ".pem", certificate.ExportCertificatePem() + "\n");

    [GeneratedRegex("""^ *"(wallSeconds|bytesPerState|statesPerSecond)": [^\n]*\n""", RegexOptions.Multiline)]
    private static partial Regex Measured();
}

/// <summary>Three silos for all tests of a class.</summary>
public sealed class ThreeSilos : IAsyncLifetime
{
    internal Silos Silos { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Silos = await Silos.Start(3);

    public ValueTask DisposeAsync()
    {
        Silos.Dispose();
        return ValueTask.CompletedTask;
    }
}
