using UapiLab.Encodings;
using UapiLab.Harness.Lab.Concerns;
using UapiLab.Harness.Registry;
using Xunit;

namespace UapiLab.Harness.Tests.Lab.Concerns;

/// <summary>What other kinds of fault need of the state per gfn, against what an encoding leaves.</summary>
public sealed class FutureFaultTests
{
    [Theory]
    [InlineData("single-bit", 2, "")]
    [InlineData("multi-bit", 4, "")]
    [InlineData("multi-bit:bits=4", 7, "first-write tracking, R/W/X, poison, private/shared")]
    [InlineData("multi-bit:bits=4", 11, "first-write tracking, poison")]
    public void Fits_where_values_are_left(string name, int used, string fit)
    {
        var description = new EncodingRegistry(BuiltInEncodings.All).Resolve(name).Description;
        Assert.Equal(fit, string.Join(", ",
            FutureFault.All.Where(f => f.Fits(description, used)).Select(f => f.Name)));
    }

    [Theory]
    [InlineData("single-bit", "are 8 words")]
    [InlineData("multi-bit", "are 16 words")]
    [InlineData("multi-bit:layout=split", "are 16 words")]
    [InlineData("multi-bit:bits=8", "are 512 words")]
    public void A_large_folio_is_many_words(string name, string text) =>
        Assert.Contains(text, FutureFault.LargeFolios(new EncodingRegistry(BuiltInEncodings.All).Resolve(name)),
            StringComparison.Ordinal);
}
