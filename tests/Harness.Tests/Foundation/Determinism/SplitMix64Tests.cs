using UapiLab.Harness.Foundation.Determinism;

namespace UapiLab.Harness.Tests.Foundation.Determinism;

public sealed class SplitMix64Tests
{
    [Fact]
    public void Sequence_equals_the_published_values()
    {
        var random = new SplitMix64(1234567);
        ulong[] words = [random.Next(), random.Next(), random.Next(), random.Next(), random.Next()];

        Assert.Equal(
            [
                6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
                16408922859458223821,
            ],
            words);
    }
}
