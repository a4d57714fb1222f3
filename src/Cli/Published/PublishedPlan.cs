using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Lab.Published;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Simulation;
using UapiLab.Harness.Simulation.Workloads;

namespace UapiLab.Cli.Published;

/// <summary>Which encoding and which costs stand for which published series (docs/published.md).</summary>
internal static class PublishedPlan
{
    private const int PagesPerVcpu = 100;
    private const string Selftest = "demand-paging";
    private const string Letter = "kvm-userfault";
    private const string Sharded = "per-vcpu-uffd";
    private const string File = "published.csv";

    /// <summary>Threads of a test that never goes idle for long: wake-ups are as cheap as they get.</summary>
    public static CostTable Costs => CostTable.Default.With(Cost.ThreadWake, CostTable.Default[Cost.ThreadWake].LowNs);

    public static IReadOnlyList<PublishedRow> Rows()
    {
        using var stream = typeof(PublishedPlan).Assembly.GetManifestResourceStream(File)!;
        using var reader = new StreamReader(stream);
        return PublishedRows.Parse(File, reader.ReadToEnd());
    }

    public static IReadOnlyList<PublishedSeries> Series(EncodingRegistry registry)
    {
        var exits = registry.Resolve("never-async");
        var userfaultfd = registry.Resolve("userfaultfd");
        return
        [
            new(Selftest, "memory-fault exits", exits, n => Touch(n), IsPerVcpu: false,
                [new(1, null), new(64, Cost.MapContention)])
            {
                HandsOn = [Cost.MapContention],
                SetsHost = true,
            },
            new(Selftest, "userfaultfd", userfaultfd, n => Touch(n, readers: n), IsPerVcpu: false,
                [new(1, Cost.UserfaultfdLock), new(64, Cost.UserfaultfdSpinner)])
            {
                HandsOn = [Cost.UserfaultfdLock, Cost.UserfaultfdSpinner],
            },
            new(Selftest, "memory-fault exits of 25 April", exits, n => Touch(n), IsPerVcpu: true, []),
            new(Selftest, "a userfaultfd for each vCPU", userfaultfd, n => Touch(n, readers: n, userfaultfds: n),
                IsPerVcpu: true, []),
            new(Letter, "KVM Userfault", exits, n => Touch(n), IsPerVcpu: true, [new(2, null)]) { SetsHost = true },
            new(Letter, "no userfault", Encoding: null, n => Touch(n), IsPerVcpu: true, [new(2, Cost.MapPage)]),
            new(Letter, "uffd MISSING + KVM Userfault", exits, n => Touch(n), IsPerVcpu: true,
                [new(2, Cost.PlacePage)]),
            new(Letter, "uffd MISSING", userfaultfd, n => Touch(n, readers: n), IsPerVcpu: true,
                [new(2, Cost.UserfaultfdLock)]),
            new(Letter, "uffd MISSING one reader", userfaultfd, n => Touch(n, readers: 1), IsPerVcpu: true,
                [new(2, Cost.UserfaultfdLock)]),
            new(Letter, "shmem no userfault", Encoding: null, n => Touch(n), IsPerVcpu: true, [new(2, Cost.MapPage)]),
            new(Letter, "shmem KVM Userfault", exits, n => Touch(n), IsPerVcpu: true, [new(2, Cost.PlacePage)]),
            new(Letter, "shmem uffd MINOR + KVM Userfault", exits, n => Touch(n), IsPerVcpu: true,
                [new(2, Cost.PlacePage)]),
            new(Letter, "shmem uffd MINOR", userfaultfd, n => Touch(n, readers: n), IsPerVcpu: true,
                [new(2, Cost.UserfaultfdLock)]),
            new(Letter, "shmem uffd MINOR one reader", userfaultfd, n => Touch(n, readers: 1), IsPerVcpu: true,
                [new(2, Cost.UserfaultfdLock)]),
            new(Letter, "shmem a userfaultfd for each vCPU", userfaultfd,
                n => Touch(n, readers: n, userfaultfds: n), IsPerVcpu: true, [new(2, Cost.UserfaultfdLock)]),
            new(Sharded, "a userfaultfd for each vCPU", userfaultfd,
                n => Touch(n, readers: n, userfaultfds: n), IsPerVcpu: true, [new(1, null)]) { SetsHost = true },
        ];
    }

    /// <summary>Each vCPU touches pages of its own, one after the other, whose content the VMM has.</summary>
    internal static SyntheticWorkload Touch(
        int vcpus, int readers = 1, int userfaultfds = 1, int pages = PagesPerVcpu) =>
        new("touch", Parameters(vcpus) with
        {
            Pages = pages,
            IoThreads = readers,
            Userfaultfds = userfaultfds,
            SyncPermille = 1_000,
        });

    internal static SyntheticParameters Parameters(int vcpus) => new()
    {
        Vcpus = vcpus,
        Think = Distribution.Constant(0),
        Local = Distribution.Constant(0),
        Cpl0Permille = 0,
        GuestApf = false,
        Policy = new VmmPolicy(PolicyKind.ResolveThenReenter),
    };
}
