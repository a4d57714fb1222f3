using System.Text.RegularExpressions;
using UapiLab.Encodings;
using UapiLab.Harness.Conformance;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Tests.Simulation.Traces;

namespace UapiLab.Harness.Tests.Conformance;

/// <summary>The recordings of tests/data/traces, with the machine that each must be accepted by, and ways to spoil
/// them.</summary>
internal sealed partial record Recording(string File, string? Encoding)
{
    /// <summary>Every recording in the repository; those of a userfault kernel with the encoding that it has.</summary>
    public static IReadOnlyList<Recording> All { get; } =
    [
        new("kvm/k6.12-s1_apf_on", null), new("kvm/k6.12-s2_apf_off", null), new("kvm/k6.12-s3_lat0", null),
            new("kvm/k6.12-s4_2vcpu", null),
            new("kvm/k6.12-s5a_cpl0_nosend", null),
        new("kvm/k6.12-s5b_cpl0_if0", null), new("kvm/k6.12-s6b_protnone_apf_on", null),
            new("kvm/k6.12-s7_noslot_mmio", null),
        new("kvm/k6.12-s10_retouch", null), new("kvm/k6.12-s12_dontneed", null), new("kvm/k6.12-s13_cap64", null),
        new("kvm/k6.18-s6e_gmem_closed", null), new("kvm/k7.3-s4_2vcpu", null),
        new("userfault/uf-ic-u1_sync_nocap", "single-bit:apf=off"),
            new("userfault/uf-mt-u1_sync_nocap", "single-bit:apf=off"),
        new("userfault/uf-mt-u12_rebit", "single-bit:apf=off"),
            new("userfault/uf-ic-u2_cap_sync", "async-hint:inject=at-fault"),
        new("userfault/uf-ic-u3_async", "async-hint:inject=at-fault"),
            new("userfault/uf-mt-u4_mixed", "async-hint:inject=at-fault"),
        new("userfault/uf-mt-u8a_guest_apf_off", "async-hint:inject=at-fault"),
            new("userfault/uf-mt-u9_2vcpu", "async-hint:inject=at-fault"),
        new("userfault/uf-mt-u13_never", "async-hint:inject=at-fault"),
            new("userfault/uf-mt-u19_disable_outstanding", "async-hint:inject=at-fault"),
        new("userfault/uf-mt-u25_stale_info", "async-hint:inject=at-fault"),
        new("userfault/uf-mt-u10_exitless", "exitless"), new("userfault/uf-mt-u11_limit64", "exitless"),
    ];

    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    /// <summary>Name without folder and kernel.</summary>
    public string Name => File.Split('/')[1];

    public string Path => TraceData.PathOf(File + ".trace.txt.gz");

    public static Recording Of(string name) =>
        All.Single(r => r.Name.EndsWith(name, StringComparison.Ordinal) || r.Name == name);

    public List<string> Lines() => [.. Text(Packed.Unpack(Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    public ConformReport Check(RuleSet broken = default) => TraceConformance.Check(Path, Options(Encoding, broken));

    /// <summary>Holds other lines to the recording's machine.</summary>
    public ConformReport Check(IEnumerable<string> lines, RuleSet broken = default) =>
        CheckText(string.Join('\n', lines) + "\n", Encoding, broken);

    /// <summary>Holds another file to the recording's machine.</summary>
    public ConformReport CheckFile(string path) => TraceConformance.Check(path, Options(Encoding, RuleSet.None));

    public static ConformReport CheckText(string text, string? encoding = null, RuleSet broken = default)
    {
        using var file = new TemporaryFile(text);
        return TraceConformance.Check(file.Path, Options(encoding, broken));
    }

    /// <summary>Index of the nth line (from 1) that holds the text.</summary>
    public static int Nth(List<string> lines, string holds, int nth)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Contains(holds, StringComparison.Ordinal) && --nth == 0)
            {
                return i;
            }
        }

        throw new ArgumentException($"no such line: {holds}");
    }

    /// <summary>Name of a line's event, empty for a comment.</summary>
    public static string EventOf(string line) => EventName().Match(line).Groups[1].Value;

    /// <summary>Thread of a line.</summary>
    public static string ThreadOf(string line) => ThreadName().Match(line).Groups[1].Value;

    private static ConformOptions Options(string? encoding, RuleSet broken) =>
        new() { Encoding = encoding is null ? null : s_registry.Resolve(encoding), Broken = broken };

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    [GeneratedRegex(@"\d\.\d+: (\w+):")]
    private static partial Regex EventName();

    [GeneratedRegex(@"-(\d+) +\[")]
    private static partial Regex ThreadName();
}
