using BenchmarkDotNet.Attributes;
using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Native;
using UapiLab.Harness.Registry;

namespace UapiLab.Bench;

/// <summary>The same encoding source on real memory: what KVM pays to look a frame up, and the VMM to publish one.</summary>
public class NativeWords
{
    private const long Gfns = 1 << 20;

    private IKvmHalf<NativeKvm> kvmHalf = null!;
    private IVmmHalf<NativeVmm> vmmHalf = null!;
    private NativeRegions regions = null!;
    private NativeKvm kvm;
    private NativeVmm vmm;
    private ulong next;

    /// <summary>Every family with its defaults, and the widest state of a frame.</summary>
    public static IEnumerable<string> Encodings => [.. BuiltInEncodings.All.Select(f => f.Id), "multi-bit:bits=8"];

    /// <summary>Encoding measured.</summary>
    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        var encoding = new EncodingRegistry(BuiltInEncodings.All).Resolve(Encoding);
        regions = new NativeRegions(encoding, vcpus: 1, Gfns);
        var host = new NativeHost(vcpus: 1);
        kvm = new NativeKvm(regions, host);
        vmm = new NativeVmm(regions, host);
        kvmHalf = encoding.KvmHalf<NativeKvm>();
        vmmHalf = encoding.VmmHalf<NativeVmm>();
        next = 0;
    }

    [GlobalCleanup]
    public void CleanUp() => regions.Dispose();

    /// <summary>Look-up of a frame that is present: read the state, answer "map".</summary>
    [Benchmark(Baseline = true)]
    public FaultAnswer LookUp() => kvmHalf.OnGuestFault(kvm, new(0, new Gfn(next++ & (Gfns - 1)), AccessKind.Read, Prefetch: false));

    /// <summary>Marking 4 GiB of guest as faulting.</summary>
    [Benchmark]
    public void Arm() => vmmHalf.OnArm(vmm, new(new Gfn(0), (ulong)Gfns, Prediction.Async));

    /// <summary>Publication of a frame nobody waits for.</summary>
    [Benchmark]
    public void Publish() => vmmHalf.OnContentArrived(vmm, new Gfn(next++ & (Gfns - 1)));
}
