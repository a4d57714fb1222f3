using UapiLab.Tests;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>The table of properties has what each row needs, and the page shows it.</summary>
public sealed class PropertyTableTests
{
    [Fact]
    public void The_properties_are_those_of_the_page() =>
        GeneratedDoc.Check("docs/checking.md", "properties", MachineProperty.All.Select(p =>
            $"| `{p.Name}` | {p.Kind.ToString().ToLowerInvariant()} | {p.Doc} | {p.About} |"));

    [Fact]
    public void Each_kind_of_violation_belongs_to_one_property() =>
        Assert.All(Enum.GetValues<ViolationKind>(),
            kind => Assert.Single(MachineProperty.All, p => p.Violation == kind));

    [Fact]
    public void Each_property_has_a_name_of_its_own_and_says_what_it_is()
    {
        Assert.Distinct(MachineProperty.All.Select(p => p.Name));
        Assert.All(MachineProperty.All,
            p => Assert.True(p.Doc.EndsWith('.') && p.Outcome.EndsWith('.') && p.About.Length > 0, p.Name));
    }
}
