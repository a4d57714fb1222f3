using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation;
using UapiLab.Tests;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>An instance's text: a name, and sizes that differ from those of that name.</summary>
public sealed class InstanceTextTests
{
    [Theory]
    [InlineData("tasks", "tasks")]
    [InlineData("tasks:tasks=1,vcpus=1", "tasks:vcpus=1,tasks=1")]
    [InlineData("tasks:vcpus=2", "tasks")]
    [InlineData("hostile:hostile-acts=1", "hostile:hostile-acts=1")]
    public void Its_name_says_what_is_different(string text, string name) =>
        Assert.Equal(name, CheckInstance.Resolve(text).Name);

    /// <summary>The instances of a restore stand in a table of their own, by what the destination meets.</summary>
    [Fact]
    public void Every_instance_has_its_row_in_the_document()
    {
        var document = File.ReadAllLines(Path.Combine(GeneratedDoc.Root(), "docs/checking.md"));
        Assert.All(CheckInstance.Named.Except(CheckInstance.RestoreSuite), instance =>
        {
            var size = $"{instance.Vcpus} x {instance.TasksPerVcpu} x {instance.Gfns}";
            Assert.Contains(document, line => line.StartsWith($"| `{instance.Name}`", StringComparison.Ordinal)
                && line.Split('|')[2].Trim() == size);
        });
        Assert.All(CheckInstance.RestoreSuite, instance => Assert.Contains(document,
            line => line.StartsWith($"| `{instance.Name}` |", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_the_sizes_given_change()
    {
        var instance = CheckInstance.Resolve("careless:vcpus=1");
        var careless = CheckInstance.Resolve("careless");
        Assert.Equal(1, instance.Vcpus);
        Assert.Equal(careless, instance with { Vcpus = careless.Vcpus, Name = careless.Name });
    }

    [Fact]
    public void Its_parameters_bring_it_back()
    {
        var instance = CheckInstance.Resolve("hostile:tasks=1,hostile-acts=1");
        var read = CheckInstance.Parse("x.json", instance.Parameters);
        Assert.Equal(instance.Parameters, read.Parameters);
        Assert.True(read.IsHostile);
    }

    [Theory]
    [InlineData("re-arms", "--instance re-arms: unknown instance 're-arms', did you mean 're-arm'?")]
    [InlineData("re-arm:task=1", "--instance re-arm:task=1: unknown size 'task', did you mean 'tasks'?")]
    [InlineData("re-arm:tasks=9", "--instance re-arm: tasks=9: expected a whole number from 1 to 4")]
    [InlineData("re-arm:tasks", "re-arm:tasks: expected id or id:option=value,option=value, found 'tasks'")]
    public void What_is_wrong_is_said_in_a_line(string text, string message)
    {
        var e = Assert.Throws<InputException>(() => CheckInstance.Resolve(text));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
