using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Tests.Registry;

public sealed class EncodingRegistryTests
{
    private static readonly EncodingRegistry s_registry = new(BuiltInEncodings.All);

    [Theory]
    [InlineData("single-bit", "single-bit")]
    [InlineData("single-bit:apf=on", "single-bit")]
    [InlineData("single-bit:variant=as-posted", "single-bit:variant=as-posted")]
    [InlineData("multi-bit:update=plain,bits=4", "multi-bit:bits=4,update=plain")]
    [InlineData("async-hint:inject=at-fault", "async-hint:inject=at-fault")]
    public void A_name_becomes_the_encoding(string spec, string fullName) =>
        Assert.Equal(fullName, s_registry.Resolve(spec).Description.FullName);

    [Theory]
    [InlineData(
        "singel-bit",
        "singel-bit: unknown encoding 'singel-bit', did you mean 'single-bit'? expected one of never-async, oracle, "
            + "userfaultfd, kernel-apf, single-bit, multi-bit, async-hint, exitless; one of your own: --plugin PATH")]
    [InlineData("single-bit:afp=on",
        "single-bit:afp=on: unknown option of single-bit 'afp', did you mean 'apf'? expected one of apf, variant, "
        + "version, kvm, vmm")]
    [InlineData("multi-bit:bits=3",
        "multi-bit:bits=3: unknown value of bits '3', did you mean '2'? expected one of 2, 4, 8")]
    [InlineData("multi-bit:layout=diagonal",
        "multi-bit:layout=diagonal: unknown value of layout 'diagonal', expected one of packed, split")]
    [InlineData("oracle:x=1", "oracle:x=1: unknown option of oracle 'x', expected none at all")]
    public void An_unknown_word_is_named_with_what_was_expected(string spec, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => s_registry.Resolve(spec)).Message);

    [Fact]
    public void Every_variant_has_a_name_of_its_own_that_resolves_to_it()
    {
        foreach (var family in s_registry.Families)
        {
            var names = s_registry.EveryVariant(family).Select(e => e.Description.FullName).ToArray();

            Assert.Equal(family.Options.Aggregate(1, (n, o) => n * o.Values.Count), names.Length);
            Assert.Equal(family.Id, names[0]);
            Assert.All(names, name => Assert.Equal(name, s_registry.Resolve(name).Description.FullName));
        }
    }

    [Fact]
    public void Two_families_of_one_id_are_rejected()
    {
        var twice = BuiltInEncodings.All.Concat(BuiltInEncodings.All.Take(1));

        Assert.Equal(
            "never-async: two encodings are registered under this id, expected one: "
                + "UapiLab.Encodings.NeverAsync.NeverAsyncFamily of UapiLab.Encodings and "
                + "UapiLab.Encodings.NeverAsync.NeverAsyncFamily of UapiLab.Encodings",
            Assert.Throws<InputException>(() => new EncodingRegistry(twice)).Message);
    }

    [Fact]
    public void An_id_that_no_command_line_can_name_is_rejected() =>
        Assert.Equal(
            "encoding 'My Idea': expected lower case letters, digits and dashes, a letter first",
            Assert.Throws<InputException>(() => new EncodingRegistry([new WrongDefault { Id = "My Idea" }])).Message);

    [Fact]
    public void A_default_that_is_no_value_is_rejected() =>
        Assert.Equal(
            "bad:size: the default '3' is none of the option's values",
            Assert.Throws<InputException>(() => new EncodingRegistry([new WrongDefault()])).Message);

    private sealed class WrongDefault : IEncodingFamily
    {
        public string Id { get; init; } = "bad";

        public string Summary => "";

        public IReadOnlyList<OptionSpec> Options => [new("size", ["1", "2"], "3", "")];

        public Encoding Create(OptionValues options) => throw new NotSupportedException();
    }
}
