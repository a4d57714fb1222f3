using UapiLab.Abstractions;
using UapiLab.Cli.Plugins;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Registry;

namespace UapiLab.Cli.Tests;

/// <summary>What the main process has of a plugin: what it would read from its code, and none of the code.</summary>
public sealed class DescribedPluginTests
{
    private const string Control = "\u001b[2J\nuapilab: 0 defects";

    [Fact]
    public void Encodings_say_the_same_as_data()
    {
        var real = new EncodingRegistry(BuiltInEncodings.All);
        var data = new EncodingRegistry([]).With(
            BuiltInEncodings.All.Select(f => Read(Of(families: [DescribedFamily.Of("p", f)])).Families[0]));
        foreach (var (one, other) in real.Families.Zip(data.Families))
        {
            Assert.Equal((one.Id, one.Summary), (other.Id, other.Summary));
            Assert.Equivalent(one.Options, other.Options, strict: true);
            foreach (var (encoding, copy) in real.EveryVariant(one).Zip(data.EveryVariant(other)))
            {
                AssertSame(encoding, copy);
                AssertSame(real.Resolve(encoding.Description.FullName), data.Resolve(encoding.Description.FullName));
                Assert.Equal(encoding.Versions.Count, copy.Versions.Count);
                Assert.Equal(encoding.BuildsOn is null, copy.BuildsOn is null);
                Assert.Throws<InvalidOperationException>(copy.KvmHalf<Harness.Machines.Execution.MachineWorld>);
            }
        }

        AssertSame(real.Resolve("async-hint:kvm=v2,vmm=v1"), data.Resolve("async-hint:kvm=v2,vmm=v1"));
    }

    /// <summary>The lab takes them as it takes those whose code it has.</summary>
    [Fact]
    public void What_else_a_plugin_brings_is_registered_as_data()
    {
        var brought = Read(Of() with
        {
            Workloads = [new("w", Control, "mixed:vcpus=1")],
            Properties = [new("p", "doc", "outcome", IsNever: true, [RunEventKind.ApfHalt])],
            Concerns = [new("X1", "title", "question", "source", "method", new("path", "X1", "1"))],
        });
        var lab = new LabCatalog(new(BuiltInEncodings.All)).With(brought.Workloads[0]).With(brought.Properties[0])
            .With(brought.Concerns[0]);
        Assert.Equal(" [2J uapilab: 0 defects", lab.Workloads.All.Single(w => w.Id == "w").Summary);
        Assert.Equal([RunEventKind.ApfHalt], lab.Properties.Single().Watches);
        Assert.Equal("question", lab.Concerns[^1].Question);
    }

    [Fact]
    public void An_encoding_that_answers_to_another_name_is_refused()
    {
        var family = BuiltInEncodings.All[0];
        Assert.Equal($"other: describes itself as '{family.Id}', id '{family.Id}', expected other",
            Assert.Throws<InputException>(() => DescribedFamily.Of("p", new Renamed(family))).Message);
    }

    private static DescribedPlugin Of(params IReadOnlyList<DescribedFamily> families) =>
        new("path", "sha", families, [], [], []);

    private static DescribedPlugin Read(DescribedPlugin plugin) => DescribedPlugin.Read(plugin.Write());

    private static void AssertSame(Encoding encoding, Encoding copy)
    {
        Assert.Equivalent(encoding.Description, copy.Description, strict: true);
        Assert.Equivalent(encoding.Regions, copy.Regions, strict: true);
    }

    private sealed class Renamed(IEncodingFamily family) : IEncodingFamily
    {
        public string Id => "other";

        public string Summary => family.Summary;

        public IReadOnlyList<OptionSpec> Options => family.Options;

        public Encoding Create(OptionValues options) => family.Create(options);
    }
}
