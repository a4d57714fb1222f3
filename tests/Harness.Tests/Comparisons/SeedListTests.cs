using UapiLab.Harness.Comparisons;

namespace UapiLab.Harness.Tests.Comparisons;

public sealed class SeedListTests
{
    [Fact]
    public void More_repetitions_keep_the_seeds_of_fewer()
    {
        Assert.Equal(SeedList.Derive(1, 3), SeedList.Derive(1, 10).Take(3));
    }

    [Fact]
    public void Seeds_are_the_words_of_splitmix64()
    {
        // the generator's published first output for seed 0
        Assert.Equal(0xE220A8397B1DCDAFUL, SeedList.Derive(0, 1)[0]);
    }
}
