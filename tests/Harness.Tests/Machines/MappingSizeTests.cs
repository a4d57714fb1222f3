using UapiLab.Harness.Machines;
using UapiLab.Harness.Tests.Machines.Broken;
using Xunit;

namespace UapiLab.Harness.Tests.Machines;

/// <summary>Rule M2: a mapping is as large as the host's pages, and of 4 KiB while the userfault flag is on.</summary>
public sealed class MappingSizeTests
{
    [Theory]
    [InlineData("Anonymous", true)]
    [InlineData("SharedMemory", true)]
    [InlineData("GuestMemfd", false)]
    [InlineData("GuestMemfdMapped", false)]
    [InlineData("GuestMemfdBeside", false)]
    [InlineData("Userfaultfd", false)]
    [InlineData("Swap", false)]
    public void Without_the_flag_the_hosts_pages_decide(string backing, bool mapsNeighbour)
    {
        using var hand = HandMachine.Over(Enum.Parse<Backing>(backing), [HandMachine.Touch(0)]);
        var memory = hand.Machine.Memory;
        memory.SetUserfault(false);
        memory.Map(0, writable: true);
        Assert.True(memory.IsMapped(0));
        Assert.Equal(mapsNeighbour, memory.IsMapped(1));

        memory.SetUserfault(true);
        Assert.False(memory.IsMapped(0));
        memory.Map(0, writable: true);
        Assert.False(memory.IsMapped(1));
    }

    [Fact]
    public void Every_backing_has_its_row() => Assert.Equal(Enum.GetValues<Backing>().Length,
        typeof(MappingSizeTests).GetMethod(nameof(Without_the_flag_the_hosts_pages_decide))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Length);
}
