using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Harness.Tests.Foundation.Specs;

public sealed class SpecTextTests
{
    [Fact]
    public void An_id_alone_has_no_options()
    {
        var spec = SpecText.Parse(" single-bit ");

        Assert.Equal("single-bit", spec.Id);
        Assert.Empty(spec.Options);
    }

    [Fact]
    public void Commas_and_equals_signs_inside_parentheses_belong_to_the_value()
    {
        var spec = SpecText.Parse("post-copy:fetch=exp(30us,cap=1ms), vcpus = 8,policy=wait(10us)");

        Assert.Equal(
            [KeyValuePair.Create("fetch", "exp(30us,cap=1ms)"), KeyValuePair.Create("vcpus", "8"),
                KeyValuePair.Create("policy", "wait(10us)")],
            spec.Options);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":a=b")]
    [InlineData("id:")]
    [InlineData("id:a")]
    [InlineData("id:a=")]
    [InlineData("id:=b")]
    [InlineData("id:a=b,")]
    [InlineData("id:a=b,,c=d")]
    [InlineData("id:a=b,a=c")]
    [InlineData("id:a=(b")]
    [InlineData("id:a=b)")]
    [InlineData("id:a=)b(")]
    public void Anything_else_is_rejected_in_one_line(string text)
    {
        var error = Assert.Throws<InputException>(() => SpecText.Parse(text));

        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Property(Arbitrary = [typeof(Specifications)])]
    public void What_is_written_is_read_back(SpecTextSample sample)
    {
        var read = SpecText.Parse(sample.Spec.ToString());

        Assert.Equal(sample.Spec.Id, read.Id);
        Assert.Equal(sample.Spec.Options, read.Options);
    }

    [Property]
    public void Any_text_is_read_or_rejected(string? text)
    {
        try
        {
            SpecText.Parse(text ?? "");
        }
        catch (InputException e)
        {
            Assert.Single(e.Message.Split('\n'));
        }
    }

    /// <summary>Wraps an internal type, since test methods are public.</summary>
    public sealed class SpecTextSample
    {
        internal SpecTextSample(SpecText spec) => Spec = spec;

        internal SpecText Spec { get; }

        public override string ToString() => Spec.ToString();
    }

    private static class Specifications
    {
        public static Arbitrary<SpecTextSample> Any()
        {
            var word = Gen.Elements("a", "b", "vcpus", "single-bit", "x1");
            var value = Gen.Elements("1", "0.5", "10us", "exp(30us,cap=1ms)", "min(1us)+exp(2us)", "f(g(a,b),c)");
            var options = Gen.Zip(word, value).Select(p => KeyValuePair.Create(p.Item1, p.Item2)).ListOf();
            return (from id in word
                    from list in options
                    select new SpecTextSample(new(id, list.DistinctBy(o => o.Key).ToArray()))).ToArbitrary();
        }
    }
}
