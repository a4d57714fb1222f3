using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed partial class RegistrationTests
{
    [Fact]
    public void Built_ins_are_listed_in_a_fixed_order()
    {
        Assert.Equal(
            ["never-async", "oracle", "userfaultfd", "kernel-apf", "single-bit", "multi-bit", "async-hint", "exitless"],
            BuiltInEncodings.All.Select(family => family.Id));
    }

    [Fact]
    public void Ids_and_option_names_can_be_typed()
    {
        foreach (IEncodingFamily family in BuiltInEncodings.All)
        {
            Assert.Matches(Typeable(), family.Id);
            Assert.All(family.Options, option => Assert.Matches(Typeable(), option.Name));
            Assert.All(family.Options.SelectMany(option => option.Values), value => Assert.Matches(Typeable(), value));
        }
    }

    [Fact]
    public void Defaults_come_first_among_the_values()
    {
        Assert.All(BuiltInEncodings.All.SelectMany(family => family.Options),
            option => Assert.Equal(option.Default, option.Values[0]));
    }

    [Fact]
    public void With_defaults_the_full_name_is_the_id()
    {
        Assert.All(BuiltInEncodings.All, family => Assert.Equal(family.Id, family.With().Description.FullName));
    }

    [Fact]
    public void Full_names_differ()
    {
        IEnumerable<string> names = BuiltIns.AllEncodings.Select(encoding => encoding.Description.FullName);
        Assert.Distinct(names);
    }

    [Theory]
    [InlineData("single-bit", "single-bit:apf=off", "apf", "off")]
    [InlineData("single-bit", "single-bit:variant=as-posted", "variant", "as-posted")]
    [InlineData("async-hint", "async-hint:inject=at-fault", "inject", "at-fault")]
    [InlineData("exitless", "exitless:ring=2", "ring", "2")]
    [InlineData("multi-bit", "multi-bit:layout=split", "layout", "split")]
    public void Full_name_says_what_is_not_default(string id, string expected, string option, string value)
    {
        Assert.Equal(expected, BuiltIns.Family(id).With((option, value)).Description.FullName);
    }

    [Fact]
    public void Several_options_are_separated_by_commas_in_declaration_order()
    {
        Encoding encoding = BuiltIns.Family("multi-bit").With(("update", "plain"), ("bits", "4"), ("layout", "split"));
        Assert.Equal("multi-bit:bits=4,layout=split,update=plain", encoding.Description.FullName);
    }

    [Fact]
    public void Only_the_oracle_is_omniscient_and_our_own_variants_say_so()
    {
        Assert.Equal(["oracle"], Having(EncodingTraits.Omniscient));
        Assert.Equal(["never-async", "oracle", "kernel-apf:source=swap"], Having(EncodingTraits.ReferencePoint));
        Assert.All(Having(EncodingTraits.NeverPosted), name =>
            Assert.True(name.StartsWith("multi-bit", StringComparison.Ordinal)
                || name is "async-hint" or "single-bit"));
        Assert.Equal(14, Having(EncodingTraits.NeverPosted).Length);
    }

    private static string[] Having(EncodingTraits trait) =>
        [.. BuiltIns.AllEncodings.Where(encoding => encoding.Description.Traits.HasFlag(trait))
            .Select(encoding => encoding.Description.FullName)];

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$")]
    private static partial Regex Typeable();
}
