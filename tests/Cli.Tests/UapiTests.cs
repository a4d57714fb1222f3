using System.Text.Json.Nodes;

namespace UapiLab.Cli.Tests;

public sealed class UapiTests
{
    [Fact]
    public async Task A_header_is_printed_unless_something_else_is_asked_for()
    {
        var plain = await CommandLine.Run("uapi", "multi-bit:bits=4");
        var asked = await CommandLine.Run("uapi", "multi-bit:bits=4", "--header");

        Assert.Equal((0, ""), (plain.Exit, plain.Error));
        Assert.Equal(plain, asked);
        Assert.Contains("#define KVM_USERFAULT_READY\t_IOW(KVMIO, 0xda, struct kvm_userfault_ready)\n", plain.Out,
            StringComparison.Ordinal);
        Assert.Contains("\t__u32 userfault_state_bits;\n", plain.Out, StringComparison.Ordinal);
        Assert.Contains("#define KVM_USERFAULT_STATE_POISON\t5\n", plain.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("struct kvm_run {", plain.Out, StringComparison.Ordinal);
        Assert.All(plain.Out.Split('\n').Where(line => line.Length > 80),
            line => Assert.StartsWith("#define", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Assertions_follow_the_header()
    {
        var header = await CommandLine.Run("uapi", "async-hint");
        var asserts = await CommandLine.Run("uapi", "async-hint", "--asserts");

        Assert.StartsWith(header.Out, asserts.Out, StringComparison.Ordinal);
        Assert.Contains("_Static_assert(UAPILAB_AT(struct kvm_run, userfault_answer) == 2,", asserts.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_of_a_check_are_exit_1_and_one_line_each()
    {
        var bad = await CommandLine.Run("uapi", "single-bit:variant=as-posted", "--check");
        var good = await CommandLine.Run("uapi", "multi-bit", "async-hint", "--check");

        Assert.Equal(1, bad.Exit);
        Assert.Contains(
            "single-bit:variant=as-posted: error: kvm_run.memory_fault: 4 bytes of implicit padding at its end on "
            + "x86-64 [implicit-padding]\n", bad.Out, StringComparison.Ordinal);
        Assert.Equal(0, good.Exit);
        Assert.Contains("multi-bit: 34 rules: 0 errors, 0 warnings, 2 notes\n", good.Out, StringComparison.Ordinal);
        Assert.Contains("async-hint: 34 rules: 0 errors, 2 warnings, 4 notes\n", good.Out, StringComparison.Ordinal);
    }

    /// <summary>As posted: the second posting of the bitmap changed nothing for programs, the third asks for another
    /// capability, and the rings moved.</summary>
    [Fact]
    public async Task Postings_say_which_of_them_broke_programs()
    {
        var second = await CommandLine.Run("uapi", "userfault-v2", "--diff", "userfault-v1");
        var third = await CommandLine.Run("uapi", "userfault-v3", "--diff", "userfault-v2");
        var rings = await CommandLine.Run("uapi", "exitless", "--diff", "exitless-page-addr");

        Assert.Equal((0, "userfault-v1 -> userfault-v2\nNo change.\n"), (second.Exit, second.Out));
        Assert.Equal(1, third.Exit);
        Assert.Contains("  BREAK     KVM_CAP_USERFAULT: capability is number 243 instead of number 239\n", third.Out,
            StringComparison.Ordinal);
        Assert.Single(third.Out.Split('\n'), line => line.StartsWith("  BREAK", StringComparison.Ordinal));
        Assert.Equal(1, rings.Exit);
        Assert.Contains("  BREAK     kvm_apf_eventfd.page_addr: removed\n", rings.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_posting_has_a_header_and_nothing_to_check()
    {
        var header = await CommandLine.Run("uapi", "userfault-rfc");
        var check = await CommandLine.Run("uapi", "userfault-rfc", "--check");

        Assert.Equal((0, ""), (header.Exit, header.Error));
        Assert.Contains("#define KVM_READ_USERFAULT\t_IOR(KVMIO, 0xd5, struct kvm_fault)\n", header.Out,
            StringComparison.Ordinal);
        Assert.Equal((2, "uapilab: userfault-rfc: expected an encoding; of a uAPI as it was posted nothing runs\n"),
            (check.Exit, check.Error));
    }

    [Fact]
    public async Task All_is_every_variant_but_the_reference_points()
    {
        var size = await CommandLine.Run("uapi", "--all", "--size");

        Assert.Equal(0, size.Exit);
        Assert.Equal(6 + 12 + 2 + 6, size.Out.Split('\n').Skip(1).TakeWhile(line => line.Length > 0).Count());
        Assert.DoesNotContain("oracle", size.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("userfaultfd", size.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_of_one_encoding_are_a_list()
    {
        var size = await CommandLine.Run("uapi", "multi-bit:bits=8", "--size");

        Assert.Matches("(?m)^states per frame +8$", size.Out);
        Assert.Matches("(?m)^shared KiB per GiB of guest +256$", size.Out);
        Assert.Matches("(?m)^KVM locks taken +1$", size.Out);
    }

    [Fact]
    public async Task An_older_version_is_a_file_or_an_encoding_or_upstream()
    {
        using var folder = new CommandLine();
        var older = folder.Write("older.json", (await CommandLine.Run("uapi", "single-bit:apf=off", "--json")).Out);
        var file = await CommandLine.Run("uapi", "single-bit:variant=as-posted", "--diff", older);
        var name = await CommandLine.Run("uapi", "single-bit:variant=as-posted", "--diff", "single-bit:apf=off");
        var upstream = await CommandLine.Run("uapi", "async-hint", "--diff", "upstream");

        Assert.Equal(file, name);
        Assert.Equal(0, file.Exit);
        Assert.Contains("kvm_run.padding: is char[252] instead of char[256]\n", file.Out, StringComparison.Ordinal);
        Assert.EndsWith("check-uapi refuses it.\n", file.Out, StringComparison.Ordinal);
        Assert.Equal(0, upstream.Exit);
        Assert.EndsWith("Old programs keep working. check-uapi passes it.\n", upstream.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_break_is_exit_1()
    {
        var outcome = await CommandLine.Run("uapi", "multi-bit:bits=4", "--diff", "multi-bit");

        Assert.Equal(1, outcome.Exit);
        Assert.Contains(
            "BREAK     userfault_state: 4 bits per frame in words of 64 instead of 2 bits per frame in words of 64\n",
            outcome.Out, StringComparison.Ordinal);
        Assert.Contains("Breaks old programs. check-uapi passes it.\n", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Documentation_has_the_shape_of_api_rst()
    {
        var doc = await CommandLine.Run("uapi", "async-hint:inject=at-fault", "--doc");

        Assert.Equal(0, doc.Exit);
        foreach (var part in new[] { "4.xxx KVM_ASYNC_PF\n------------------\n", ":Type: vcpu ioctl\n",
            ":Parameters: struct kvm_async_pf_req (in)\n", "EALREADY", "KVM_APF_OP_ACCEPT",
            "::\n\n  struct kvm_async_pf_req {\n", "6.xx KVM_CAP_ASYNC_PF_USERFAULT\n" })
        {
            Assert.Contains(part, doc.Out, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("KVM_ENABLE_CAP\n---", doc.Out, StringComparison.Ordinal);
        Assert.All(doc.Out.Split('\n'), line => Assert.True(line.Length <= 80 && line.TrimEnd() == line, line));
    }

    [Fact]
    public async Task Rules_are_listed_without_an_encoding() =>
        Assert.Contains("operation-zero (error)\n", (await CommandLine.Run("uapi", "--rules")).Out,
            StringComparison.Ordinal);

    [Fact]
    public async Task Json_says_what_it_is() =>
        Assert.Equal("uapilab-uapi",
            (string)JsonNode.Parse((await CommandLine.Run("uapi", "multi-bit", "--json")).Out)!["format"]!);

    [Theory]
    [InlineData("uapi: expected encodings, or --all", "--check")]
    [InlineData("uapi: expected encodings, or --all", "multi-bit", "--all", "--check")]
    [InlineData("--json --size: expected one of them", "multi-bit", "--size", "--json")]
    [InlineData("uapi --header: expected one encoding", "multi-bit", "single-bit")]
    [InlineData("oracle: expected an encoding with a uAPI of its own; a reference point has none", "oracle")]
    [InlineData("multi-bot: unknown encoding 'multi-bot'", "multi-bit", "--diff", "multi-bot")]
    [InlineData("./nowhere.json: expected a file that uapi --json wrote: ", "multi-bit", "--diff", "./nowhere.json")]
    public async Task Bad_usage_is_2_and_one_line(string message, params string[] arguments)
    {
        var outcome = await CommandLine.Run(["uapi", .. arguments]);

        Assert.Equal((2, ""), (outcome.Exit, outcome.Out));
        Assert.StartsWith("uapilab: " + message, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd('\n').Split('\n'));
    }
}
