using UapiLab.Harness.Reports;

namespace UapiLab.Harness.Tests.Reports;

public sealed class LinesTests
{
    [Fact]
    public void Words_are_wrapped_and_what_follows_is_indented()
    {
        Assert.Equal("- one two\n  three\n", new Lines(10).Wrap("one two three", "- ", "  ").ToString());
    }

    [Fact]
    public void A_word_that_is_too_long_is_cut()
    {
        Assert.Equal("abcd\nefgh\ni\n", new Lines(4).Wrap("abcdefghi").ToString());
    }

    [Fact]
    public void A_per_cent_sign_stays_with_its_number()
    {
        Assert.Equal("at least\n93 %\n", new Lines(12).Wrap("at least 93 %").ToString());
    }

    [Fact]
    public void A_command_is_continued_with_a_backslash_and_keeps_options_whole()
    {
        Assert.Equal("run x \\\n --seed 1\n", new Lines(11).Wrap("run x --seed 1", "", " ", " \\").ToString());
    }

    [Fact]
    public void Everything_becomes_ascii()
    {
        Assert.Equal("a - b 3us \"x\" ?\n", new Lines(40).Wrap("a \u2014 b 3\u00b5s \u201cx\u201d \u2603").ToString());
    }

    [Fact]
    public void A_label_that_does_not_fit_has_its_own_line()
    {
        var text = new Lines(12).Table(["a", "b"], [["short", "1"], ["a long label", "22"]], firstColumn: 6).ToString();

        Assert.Equal("a        b\nshort    1\na long label\n        22\n", text);
    }
}
