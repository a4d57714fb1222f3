using System.Diagnostics;
using System.Globalization;
using System.Text;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Json;
using UapiLab.Harness.Foundation.Specs;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Proposals;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Tests.Simulation.Traces;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Files;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Fuzz;

/// <summary>Whatever a file or an argument holds, it is read, or refused in one short line; no crash, no hang, no
/// memory without bound. Some cases a parser in <c>dotnet test</c>, 10,000 in <c>.ci/run</c>, any number with
/// <c>eng/fuzz.sh</c>.</summary>
public sealed class ParserFuzzTests : IDisposable
{
    private const int Few = 100;
    private const int Many = 10_000;
    private const long MostBytes = 256 << 20;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private static readonly LabCatalog s_lab = new(new(BuiltInEncodings.All));

    private static readonly Dictionary<string, (Func<IEnumerable<string>> Samples, Action<string, byte[]> Parse)>
        s_parsers = new()
        {
            ["cost table"] = (Costs, (_, bytes) => CostTableFile.Parse("f", bytes, HostProfile.Default)),
            ["uapi"] = (Uapis, (_, bytes) => UapiJsonReader.Read("f", bytes)),
            ["history"] = (Histories, (_, bytes) => Replayed(bytes)),
            ["proposal"] = (Proposals, (_, bytes) =>
                new ProposalReader(s_lab, JsonPlace.Parse("f", bytes), "0001-x").Read()),
            ["csv"] = (() => [Csv], (file, bytes) => Trace(file, bytes)),
            ["lackey"] = (() => [Lackey], (file, bytes) => Trace(file, bytes)),
            ["kvm accesses"] = (() => Recorded("kvm/k6.12-s4_2vcpu"), (file, bytes) => Trace(file, bytes)),
            ["postcopy"] = (() => Recorded("postcopy/v2-lim32-np.dst"), (file, bytes) => Trace(file, bytes)),
            ["gzip"] = (() => [Lackey], (file, bytes) => Trace(file, Damaged(bytes))),
            ["conform"] = (() => Recorded("kvm/k6.12-s4_2vcpu").Concat(Recorded("userfault/uf-mt-u9_2vcpu")), Conforms),
            ["encoding"] = (() =>
                ["single-bit:apf=off,variant=as-posted", "async-hint:kvm=v2,vmm=v1", "multi-bit:bits=4"],
            Words(text => s_lab.Encodings.Resolve(text))),
            ["workload"] = (() =>
                ["post-copy:vcpus=2,fetch=exp(10us,1ms),policy=wait(10us)", "mixed:pages=5,predict=0.9",
            "all-sync:fetch=bimodal(10us,5ms,0.1)"], Words(text => WorkloadCatalog.BuiltIn.Resolve(text))),
            ["instance"] = (() => ["tasks:vcpus=1,tasks=1", "re-arm-frames:gfns=2,queue-limit=3"],
            Words(text => CheckInstance.Resolve(text))),
            ["trace options"] = (() => ["background=2,fetch=50us", "predict=0.5"],
            Words(text => TraceWorkloadOptions.Parse(text))),
            ["policy"] = (() => ["wait(10us)", "reenter", "resolve"], Words(text => PolicyText.TryParse(text, out _))),
            ["distribution"] = (() => ["exp(10us,1ms)", "uniform(1us,2ms)", "bimodal(10us,5ms,0.1)"],
            Words(text => Distribution.TryParse(text, out _, out _))),
            ["kernel"] = (() => ["6.12", "7.3", "6.18.3"], Words(text => KernelVersion.Parse(text))),
            ["host"] = (() => ["no-apicv", "current"], Words(text => HostProfile.Named(text))),
        };

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    public static TheoryData<string> Parsers =>
        [.. s_parsers.Keys.Where(parser => s_named.Length == 0 || s_named.Contains(parser))];

    /// <summary>Those that eng/fuzz.sh was asked for; all where none is named.</summary>
    private static readonly string[] s_named = (Environment.GetEnvironmentVariable("UAPILAB_FUZZ_PARSERS") ?? "")
        .Split(',', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Every_input_is_read_or_refused_in_one_line(string parser)
    {
        var (samples, parse) = s_parsers[parser];
        byte[][] originals = [.. samples().Select(Encoding.Latin1.GetBytes)];
        for (ulong number = 0; number < Cases; number++)
        {
            Try(parser, number, parse, Mutations.Of(originals, number));
        }
    }

    private static ulong Cases => ulong.TryParse(Environment.GetEnvironmentVariable("UAPILAB_FUZZ_CASES"),
        NumberStyles.None, CultureInfo.InvariantCulture, out var cases) ? cases : Repeats.AreWanted ? (ulong)Many : Few;

    private void Try(string parser, ulong number, Action<string, byte[]> parse, byte[] input)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = "";
        try
        {
            parse(_file, input);
        }
        catch (Exception e) when (e is InputException or TraceFormatException)
        {
            message = e.Message;
        }
        catch (Exception e)
        {
            Assert.Fail($"{parser}, case {number}: {e}\n{Convert.ToBase64String(input)}");
        }

        // A list of all that is allowed may be long.
        Assert.True(CleanText.IsLine(message) && message.Length < 4_000, $"{parser}, case {number}: {message}");
        Assert.True(clock.Elapsed < s_longest, $"{parser}, case {number}: {clock.Elapsed}");
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < MostBytes, $"{parser}, case {number}: {taken} bytes");
    }

    private static Action<string, byte[]> Words(Action<string> parse) =>
        (_, bytes) => parse(Encoding.UTF8.GetString(bytes));

    private static void Trace(string file, byte[] bytes)
    {
        File.WriteAllBytes(file, bytes);
        TraceReader.Read(file, new UapiLab.Harness.Simulation.Traces.TraceOptions());
    }

    private static void Conforms(string file, byte[] bytes)
    {
        File.WriteAllBytes(file, bytes);
        TraceConformance.Check(file, new ConformOptions());
    }

    /// <summary>Packed, then damaged again.</summary>
    private static byte[] Damaged(byte[] bytes) => Mutations.Of([Packed.Gzip(Encoding.Latin1.GetString(bytes))],
        (ulong)bytes.Length);

    private static void Replayed(byte[] bytes)
    {
        var history = HistoryReader.Read("f", bytes);
        Replay.Run("f", history, s_lab.Encodings.Resolve(history.Encoding));
    }

    private static IEnumerable<string> Costs() =>
        ["""{ "vmExit": 1234, "tlbRewalk": { "ns": 30, "low": 10, "high": 200, "origin": "measured", "source": "x" } }"""];

    private static IEnumerable<string> Uapis() =>
        [UapiJson.Write(UapiModel.Of(s_lab.Encodings.Resolve("single-bit"))),
            UapiJson.Write(UapiModel.Of(s_lab.Encodings.Resolve("async-hint")))];

    private static IEnumerable<string> Histories() => Checker.Run(
        s_lab.Encodings.Resolve("single-bit:variant=as-posted"),
        CheckInstance.Resolve("careless:vcpus=1,tasks=1"), new()).Histories.Select(HistoryJson.Write);

    private static IEnumerable<string> Proposals() =>
    [
        """
        {
          "title": "One bit", "status": "draft", "encoding": "single-bit", "options": { "apf": "off" },
          "claims": [ { "id": "a", "text": "A", "metric": "exits", "per": "faults", "workload": "all-sync:pages=20", "policy": "wait(10us)", "relation": "=", "value": 0, "tolerance": 0.1 } ],
          "concerns": [ { "id": "C8", "verdict": "at a cost", "text": "No value left." } ],
          "properties": [ { "property": "lost-wakeup", "instance": "queue", "memory": "weak", "verdict": "holds", "text": "P" } ]
        }
        """,
    ];

    private static IEnumerable<string> Recorded(string name) =>
        [string.Join('\n', Encoding.Latin1.GetString(Packed.Unpack(TraceData.PathOf(name + ".trace.txt.gz")))
            .Split('\n').Take(80)) + "\n"];

    private const string Csv = "time,vcpu,gfn,write,fetch\n0.5,0,0x10,1,\n0.500012,1,17,0,0.00003\n0.6,0,17,0,0.0\n";

    private const string Lackey = """
        ==12== Lackey, an example Valgrind tool
        I  00004000,3
         L 00008010,8
         L 00008ffe,4
        I  0000400b,3
         S 00008020,8
         M 0000a000,4
        ==12== Exit code:       0

        """;
}
