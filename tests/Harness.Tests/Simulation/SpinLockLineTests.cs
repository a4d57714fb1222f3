using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Simulation;

public sealed class SpinLockLineTests
{
    private const long Hold = 100, Spinner = 7;

    [Fact]
    public void Who_comes_alone_pays_one_turn()
    {
        var line = new SpinLockLine();

        Assert.Equal(1_100, line.Pass(1_000, Hold, Spinner));
        Assert.Equal(2_100, line.Pass(2_000, Hold, Spinner));
    }

    [Fact]
    public void Who_comes_while_others_spin_waits_for_them_and_pays_for_them()
    {
        var line = new SpinLockLine();

        Assert.Equal(100, line.Pass(0, Hold, Spinner));
        Assert.Equal(100 + 107, line.Pass(0, Hold, Spinner));
        Assert.Equal(100 + 107 + 114, line.Pass(50, Hold, Spinner));
    }

    [Fact]
    public void Who_has_left_is_paid_for_no_more()
    {
        var line = new SpinLockLine();
        line.Pass(0, Hold, Spinner);
        line.Pass(0, Hold, Spinner);

        Assert.Equal(207 + 107, line.Pass(150, Hold, Spinner)); // the first is gone, the second is still there
        Assert.Equal(314 + 100, line.Pass(314, Hold, Spinner)); // who leaves now is in nobody's way
    }
}
