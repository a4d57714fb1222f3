using UapiLab.Harness.Machines;
using UapiLab.Harness.Simulation;

namespace UapiLab.Harness.Tests.Simulation;

public sealed class LineOwnersTests
{
    private static readonly CacheLine s_line = new(0, 1);
    private readonly LineOwners _owners = new();

    [Fact]
    public void A_line_that_nobody_had_comes_from_nobody()
    {
        Assert.False(_owners.Moves(s_line, actor: 1, writes: true));
        Assert.False(_owners.Moves(new(1, 1), actor: 2, writes: true));
        Assert.False(_owners.Moves(s_line, actor: 1, writes: true));
    }

    [Fact]
    public void A_reader_fetches_a_line_once_until_somebody_writes()
    {
        _owners.Moves(s_line, actor: 1, writes: true);

        Assert.True(_owners.Moves(s_line, actor: 2, writes: false));
        Assert.False(_owners.Moves(s_line, actor: 2, writes: false));
        Assert.False(_owners.Moves(s_line, actor: 1, writes: false));
        Assert.True(_owners.Moves(s_line, actor: 1, writes: true));
        Assert.True(_owners.Moves(s_line, actor: 2, writes: false));
    }

    [Fact]
    public void Two_writers_take_it_from_each_other_each_time()
    {
        _owners.Moves(s_line, actor: 1, writes: true);

        Assert.True(_owners.Moves(s_line, actor: 2, writes: true));
        Assert.True(_owners.Moves(s_line, actor: 1, writes: true));
        Assert.False(_owners.Moves(s_line, actor: 1, writes: true));
    }
}
