using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Text;
using Xunit;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>The stub for Documentation/virt/kvm/api.rst, and the numbers in the header.</summary>
public sealed class ApiDocTests
{
    [Theory]
    [InlineData("vcpu", "6.xx KVM_CAP_SAMPLE")]
    [InlineData("vm", "7.xx KVM_CAP_SAMPLE")]
    [InlineData("informational", "8.xx KVM_CAP_SAMPLE")]
    public void A_capability_is_in_the_chapter_of_what_it_is_enabled_on(string enable, string title)
    {
        var text = ApiDoc.Write(Samples.Of(capability: Samples.Capability with { Enable = enable }));
        var chapter = text[text.IndexOf(title, StringComparison.Ordinal)..];
        Assert.Equal(enable != "informational", chapter.Contains($":Target: {enable}\n", StringComparison.Ordinal));
        Assert.Equal(enable != "informational", chapter.Contains(":Parameters: args[0]", StringComparison.Ordinal));
        Assert.Equal(enable != "informational", chapter.Contains(":Returns: 0 on success", StringComparison.Ordinal));
        Assert.DoesNotContain(":Type: " + enable + "\n", chapter, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_field_is_described_by_its_own_words()
    {
        var text = ApiDoc.Write(UapiModel.Of(new EncodingRegistry(BuiltInEncodings.All).Resolve("async-hint")));
        Assert.Contains("``userfault_answer``: What to do about the last exit", text, StringComparison.Ordinal);
        Assert.DoesNotContain("takes padding at byte", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("async-hint", "KVM_CAP_ASYNC_PF_ANSWER\t0xffff /* to be assigned */")]
    [InlineData("async-hint:inject=at-fault", "KVM_CAP_ASYNC_PF_USERFAULT\t246")]
    public void A_number_of_ours_is_to_be_assigned_and_a_posted_one_stays(string spec, string line) => Assert.Contains(
        line, CHeader.Write(UapiModel.Of(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec))),
        StringComparison.Ordinal);

    [Fact]
    public void A_posted_number_that_was_given_away_names_its_holder()
    {
        var header = CHeader.Write(UapiModel.Of(
            new EncodingRegistry(BuiltInEncodings.All).Resolve("async-hint:inject=at-fault")));
        Assert.Contains("taken upstream by", header, StringComparison.Ordinal);
        Assert.Contains("KVM_CAP_S390_USER_OPEREXEC", header, StringComparison.Ordinal);
    }
}
