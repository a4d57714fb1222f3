using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Tests.Foundation.Text;

public sealed class TextPageTests
{
    [Fact]
    public void Words_are_wrapped_and_what_follows_is_indented()
    {
        Assert.Equal("- one two\n  three\n", new TextPage(10, CleanText.Ascii).Wrap("one two three", "- ", "  ")
            .ToString());
    }

    [Fact]
    public void A_word_that_is_too_long_is_cut()
    {
        Assert.Equal("abcd\nefgh\ni\n", new TextPage(4, CleanText.Ascii).Wrap("abcdefghi").ToString());
    }

    [Fact]
    public void A_per_cent_sign_stays_with_its_number()
    {
        Assert.Equal("at least\n93 %\n", new TextPage(12, CleanText.Ascii).Wrap("at least 93 %").ToString());
    }

    [Fact]
    public void A_command_is_continued_with_a_backslash_and_keeps_options_whole()
    {
        Assert.Equal("run x \\\n --seed 1\n", new TextPage(11, CleanText.Ascii).Wrap("run x --seed 1", "", " ", " \\")
            .ToString());
    }

    [Fact]
    public void Everything_becomes_ascii()
    {
        Assert.Equal("a - b 3us \"x\" ?\n", new TextPage(40, CleanText.Ascii)
            .Wrap("a \u2014 b 3\u00b5s \u201cx\u201d \u2603").ToString());
    }

    [Fact]
    public void A_label_that_does_not_fit_has_its_own_line()
    {
        var text = new TextPage(12, CleanText.Ascii)
            .Table(["a", "b"], [["short", "1"], ["a long label", "22"]], firstColumn: 6).ToString();

        Assert.Equal("a        b\nshort    1\na long label\n        22\n", text);
    }
}
