using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Simulation.Workloads;
using UapiLab.Harness.Tests.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Simulation.Workloads;

/// <summary>A specification of a workload that the catalogue accepts.</summary>
public sealed record WorkloadText(string Spec);

/// <summary>Generator of specifications with a value for some of the options.</summary>
public static class WorkloadTexts
{
    private static readonly string[] s_exclusive = ["cpu", "gfns", "sync", "in-flight", "intercept"];

    public static Arbitrary<WorkloadText> Any()
    {
        // Options that restrict each other are left at their defaults.
        var names = SyntheticOptions.All.Select(o => o.Name).Except(s_exclusive);
        var option = Gen.Elements(names.ToArray()).SelectMany(name => Value(name).Select(value => $"{name}={value}"));
        return (from family in Gen.Elements(WorkloadCatalog.BuiltIn.All.Select(f => f.Id).ToArray())
                from options in option.ListOf()
                let list = options.DistinctBy(o => o.Split('=')[0]).ToArray()
                select new WorkloadText(list.Length == 0 ? family : $"{family}:{string.Join(',', list)}"))
                    .ToArbitrary();
    }

    private static Gen<string> Value(string name) => name switch
    {
        "shared" or "guest-apf" or "pre-fault" => Gen.Elements("on", "off"),
        "rearm-by" => Gen.Elements("discard", "memslot", "memslot-running"),
        "guest" => Gen.Elements("linux", "recorded", "retouch", "no-ack"),
        "backing" => Gen.Elements("anon", "uffd", "shmem", "gmem", "gmem-mmap"),
        "tlb" => Gen.Elements("fault", "rewalk"),
        "policy" => Gen.Elements("resolve", "reenter", "wait(0ns)", "wait(10us)", "wait(1.5ms)"),
        "service" or "rearm" => Gen.Choose(0, int.MaxValue).Select(ns => Durations.Format(ns)),
        "vcpus" or "tasks" => Gen.Choose(1, 8).Select(Text),
        "cpu-tasks" or "prefetch" => Gen.Choose(0, 8).Select(Text),
        "pages" or "passes" or "rearm-pages" or "io" or "uffds" or "limit" => Gen.Choose(1, 1_000).Select(Text),
        "mix" or "write" or "cpl0" or "cli" or "predict" or "prefetch-accuracy" =>
            Gen.Choose(0, 1_000)
                .Select(n => (n / 1_000m).ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)),
        _ => Distributions.Any().Generator.Select(d => d.ToString()),
    };

    private static string Text(int number) => Invariant($"{number}");
}
