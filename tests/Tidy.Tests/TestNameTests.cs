using System.Text.RegularExpressions;

namespace UapiLab.Tidy.Tests;

/// <summary>A test's name is a sentence, its words joined by underscores.</summary>
public sealed partial class TestNameTests
{
    [Fact]
    public void Names_of_tests_are_sentences_joined_by_underscores()
    {
        (string File, string Name)[] tests =
        [
            .. from file in Repository.Files
               where file.StartsWith("tests/", StringComparison.Ordinal)
               where file.EndsWith(".cs", StringComparison.Ordinal)
               from Match test in Test().Matches(File.ReadAllText(Repository.FullPath(file)))
               select (file, test.Groups["name"].Value),
        ];

        Assert.True(tests.Length > 500);
        Assert.DoesNotContain(tests, test => !Sentence().IsMatch(test.Name));
    }

    [Theory]
    [InlineData("A_64_bit_integer_differs", true)]
    [InlineData("The_plain_update_breaks_C12", true)]
    [InlineData("Verdicts", true)]
    [InlineData("AWordAndAnother", false)]
    [InlineData("A_word_AndAnother", false)]
    [InlineData("a_word", false)]
    public void Humps_are_no_sentence(string name, bool isSentence) =>
        Assert.Equal(isSentence, Sentence().IsMatch(name));

    /// <summary>Attributes, of which the first makes a test, and the method below them.</summary>
    [GeneratedRegex(
        @"^ *\[(?:Fact|Theory|(?:\w+\.)*Property)\b[\s\S]*?^ *public [^\n(]*?(?<name>\w+)(?:<\w+>)?\(",
        RegexOptions.Multiline)]
    private static partial Regex Test();

    /// <summary>Words, in capitals or not, each without a hump: that is the start of another word.</summary>
    [GeneratedRegex(@"^(?=[A-Z])(?:(?:^|_)(?:[A-Z]?[a-z0-9]*|[A-Z0-9]+s?))+$")]
    private static partial Regex Sentence();
}
