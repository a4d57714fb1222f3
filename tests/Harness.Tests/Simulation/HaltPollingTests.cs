using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Simulation;

public sealed class HaltPollingTests
{
    private const long Max = 200_000;
    private const long Wake = 4_000;
    private long _now;

    [Fact]
    public void A_vcpu_polls_after_its_first_short_halt_for_longer_each_time_it_slept()
    {
        var halts = new HaltPolling(1);

        Assert.True(Slept(halts, 30_000)); // no polling yet
        Assert.True(Slept(halts, 30_000)); // 10 us
        Assert.True(Slept(halts, 30_000)); // 20 us
        Assert.False(Slept(halts, 30_000)); // 40 us
        Assert.False(Slept(halts, 40_000));
        Assert.True(Slept(halts, 41_000));
        Assert.False(Slept(halts, 80_000));
        Assert.Equal(10_000 + 20_000 + 30_000 + 40_000 + 40_000 + 80_000, halts.PolledNs);
    }

    [Fact]
    public void A_halt_longer_than_the_longest_polling_halves_it_until_it_is_given_up()
    {
        var halts = new HaltPolling(1);
        for (var i = 0; i < 4; i++)
        {
            Slept(halts, 90_000);
        }

        Assert.False(Slept(halts, 80_000)); // 80 us
        Assert.True(Slept(halts, 300_000));
        Assert.False(Slept(halts, 40_000));
        Assert.True(Slept(halts, 300_000));
        Assert.True(Slept(halts, 300_000));
        var polled = halts.PolledNs;
        Assert.True(Slept(halts, 300_000)); // 10 us
        Assert.Equal(polled + 10_000, halts.PolledNs);
        Assert.True(Slept(halts, 5_000)); // 5 us are too few to try
        Assert.Equal(polled + 10_000, halts.PolledNs);
    }

    [Fact]
    public void It_never_polls_for_longer_than_the_host_says()
    {
        var halts = new HaltPolling(1);
        for (var i = 0; i < 10; i++)
        {
            Slept(halts, 190_000);
        }

        Assert.False(Slept(halts, Max));
        Assert.True(Slept(halts, Max + 1));
        Assert.True(Slept(halts, 1_000, max: 0));
        Assert.True(Slept(halts, 1_000, max: 0));
    }

    [Fact]
    public void Looking_in_vain_does_not_begin_the_halt_anew()
    {
        var halts = new HaltPolling(1);
        Slept(halts, 30_000);
        halts.Begin(0, _now);
        halts.Begin(0, _now + 15_000);

        Assert.Equal(_now + 16_000 + Wake, halts.End(0, _now + 16_000, Max, Wake));
    }

    [Fact]
    public void Each_vcpu_polls_as_its_own_halts_were()
    {
        var halts = new HaltPolling(2);
        Slept(halts, 5_000);
        halts.Begin(1, _now);

        Assert.False(Slept(halts, 5_000));
        Assert.Equal(_now + Wake, halts.End(1, _now, Max, Wake));
    }

    private bool Slept(HaltPolling halts, long ns, long max = Max)
    {
        halts.Begin(0, _now);
        var end = halts.End(0, _now + ns, max, Wake);
        var slept = end > _now + ns;
        _now = end + 1_000;
        return slept;
    }
}
