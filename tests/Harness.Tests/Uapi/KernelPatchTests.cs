using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Patch;
using UapiLab.Harness.Uapi.Selftest;
using UapiLab.Harness.Uapi.Text;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Patches for a kernel tree. The tree of these tests has what a patch looks for; eng/try-kernel.sh takes
/// Debian's.</summary>
public sealed class KernelPatchTests
{
    private const string Header = "include/uapi/linux/kvm.h";
    private const string Document = "Documentation/virt/kvm/api.rst";

    private static readonly string s_tree = Path.Combine(GeneratedDoc.Root(), "tests/data/kernel-tree");

    public static IEnumerable<TheoryDataRow<string>> Names => Headers.Names;

    /// <summary>git takes the patch, gcc finds every offset of the patched header where the description has it, and
    /// nothing is left to be brought in.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void What_git_applies_is_what_the_encoding_describes(string name)
    {
        var model = Headers.Model(name);
        var patch = new KernelPatch(model, Read);
        Assert.Equal(model.Description.Capabilities.Count > 0, patch.Header.Length > 0);
        if (patch.Header.Length == 0)
        {
            Assert.Empty(patch.Document);
            return;
        }

        using var tool = new Toolchain();
        Assert.Null(tool.Apply(new[] { Header, Document }.ToDictionary(f => f, Read), patch.Header + patch.Document));
        foreach (var abi in Toolchain.Abis)
        {
            Assert.Null(tool.Compile($"#include \"{Header}\"\n{CAsserts.Write(model)}", abi));
        }

        var again = new KernelPatch(model, tool.Read);
        Assert.Equal("", again.Header);
        var document = tool.Read(Document);
        Assert.All(model.Description.Ioctls.Where(i => !UpstreamIoctls.Has(i.Name)),
            ioctl => Assert.Matches($@"\n4\.14[4-9] {ioctl.Name}\n-+\n", document));
        Assert.All(model.Description.Flags, flag => Assert.Contains(flag.Name, document, StringComparison.Ordinal));
        Assert.All(model.Description.Capabilities,
            capability => Assert.Matches($@"\n[678]\.\d+ {capability.Name}\n-+\n", document));
    }

    /// <summary>The assertions of an encoding do not hold in the header of another.</summary>
    [Fact]
    public void A_patch_of_another_encoding_is_noticed()
    {
        using var tool = new Toolchain();
        Assert.Null(tool.Apply(new[] { Header }.ToDictionary(f => f, Read),
            new KernelPatch(Headers.Model("single-bit"), Read).Header));
        Assert.NotNull(tool.Compile($"#include \"{Header}\"\n{CAsserts.Write(Headers.Model("async-hint"))}"));
    }

    [Fact]
    public void Numbers_follow_those_of_the_tree_and_are_marked()
    {
        var patch = new KernelPatch(Headers.Model("exitless"), Read).Header;
        Assert.Contains("+#define KVM_CAP_USERFAULT 239 /* to be assigned */\n", patch, StringComparison.Ordinal);
        Assert.Contains("+#define KVM_CAP_ASYNC_PF_USERFAULT 240 /* to be assigned */\n", patch,
            StringComparison.Ordinal);
        Assert.Contains("_IOW(KVMIO, 0xd6, struct kvm_async_pf_req) /* to be assigned */\n", patch,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_the_tree_has_given_away_is_not_taken()
    {
        var patch = Of("async-hint", "#define KVM_RUN ", "#define KVM_SAMPLE _IOW(KVMIO, 0xd6, struct kvm_regs)\n");
        Assert.Contains("#define KVM_ASYNC_PF\t_IOW(KVMIO, 0xd7, struct kvm_async_pf_req)", patch.Header,
            StringComparison.Ordinal);
    }

    /// <summary>Where nobody can say what is to become of it, there is no patch.</summary>
    [Theory]
    [InlineData("#define KVM_MEM_GUEST_MEMFD", "#define KVM_MEM_SAMPLE\t(1UL << 3)\n",
        "include/uapi/linux/kvm.h: expected bit 3 of kvm_userspace_memory_region2.flags to be free for "
        + "KVM_MEM_USERFAULT; KVM_MEM_SAMPLE has it")]
    [InlineData("\t__u64 pad2[14];", "\t__u64 sample;\n\t__u64 pad2[13];\n//",
        "include/uapi/linux/kvm.h:21: expected kvm_userspace_memory_region2.pad2 to have 14 elements, as it has where "
        + "nothing was added to it")]
    [InlineData("struct kvm_run {", "struct kvm_sample {\n};\n//",
        "include/uapi/linux/kvm.h: expected struct kvm_run (Linux 6.8 and later)")]
    public void A_tree_that_is_not_as_expected_is_named(string before, string text, string message) => Assert.Equal(
        message, Assert.Throws<InputException>(() => Of("async-hint:version=v2", before, text)).Message);

    /// <summary>As the user named the tree.</summary>
    [Fact]
    public void A_message_has_the_tree_in_it() => Assert.Equal(
        "/home/me/linux/Documentation/virt/kvm/api.rst: expected chapter 4",
        Assert.Throws<InputException>(() => new KernelPatch(Headers.Model("single-bit"),
            path => path == Document ? Read(path).Replace("\n4. ", "\n", StringComparison.Ordinal) : Read(path),
            "/home/me/linux")).Message);

    /// <summary>When a bit counts, where the page of the rings is, and what KVM returns on the way to an
    /// ioctl.</summary>
    [Fact]
    public void A_document_says_what_its_reader_asks()
    {
        var bit = OneLine(new KernelPatch(Headers.Model("single-bit"), Read).Document);
        Assert.Contains("has no effect until the mapping is gone: after MADV_DONTNEED of the page, or after an update "
            + "of the memslot that sets KVM_MEM_USERFAULT where it was not set.", bit, StringComparison.Ordinal);
        Assert.Contains("In a slot with KVM_MEM_GUEST_MEMFD it counts", bit, StringComparison.Ordinal);
        Assert.Contains("EFAULT struct kvm_async_pf_user_ready is not at an address that can be read", bit,
            StringComparison.Ordinal);
        Assert.DoesNotContain("EINTR", bit, StringComparison.Ordinal);

        var exitless = new KernelPatch(Headers.Model("exitless"), Read);
        var ring = OneLine(exitless.Document);
        Assert.Contains("EINTR a fatal signal came while it waited for the vCPU's mutex", ring,
            StringComparison.Ordinal);
        Assert.Matches(@"4\.\d+ struct kvm_apf_shared_page ", ring);
        Assert.Contains("KVM_APF_PAGE_OFFSET 3.", ring, StringComparison.Ordinal);
        Assert.Contains("+#define KVM_APF_NOTIFY_ARMED\t1\n", exitless.Header, StringComparison.Ordinal);
        Assert.Contains("\n+\t\t\t/*\n+\t\t\t * kvm_run.memory_fault.flags: ", exitless.Header,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_without_the_chapter_is_named() => Assert.Equal(
        "Documentation/virt/kvm/api.rst: expected chapter 4",
        Assert.Throws<InputException>(() => new KernelPatch(Headers.Model("single-bit"),
            path => path == Document ? Read(path).Replace("\n4. ", "\n", StringComparison.Ordinal) : Read(path)))
            .Message);

    /// <summary>The program that tests such a kernel compiles with the patched header, which only looks like the
    /// kernel's.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_selftest_compiles_with_the_patched_header(string name)
    {
        var encoding = Headers.Named(name);
        if (encoding.Description.Capabilities.Count == 0)
        {
            return;
        }

        using var tool = new Toolchain();
        var patch = new KernelPatch(UapiModel.Of(encoding), Read);
        Assert.Null(tool.Apply(new[] { Header }.ToDictionary(f => f, Read), patch.Header));
        var program = KernelSelftest.Write(encoding, new([], []));
        foreach (var abi in Toolchain.Abis)
        {
            Assert.Null(tool.Check(program, abi, "-Iinclude/uapi"));
        }

        Assert.Contains("has never run on a", program, StringComparison.Ordinal);
        Assert.NotNull(tool.Check(program));
    }

    [Fact]
    public void A_selftest_expects_what_the_halves_do()
    {
        var program = KernelSelftest.Write(Headers.Named("single-bit"), new([], []));
        Assert.Contains("\texpect(ioctl(fd, KVM_ASYNC_PF_USER_READY, &arg), ENOENT,\n"
            + "\t       \"KVM_ASYNC_PF_USER_READY: nothing set up\");", program, StringComparison.Ordinal);
        Assert.Contains("KVM_ASYNC_PF_USER_READY, &arg), EINVAL,\n\t       \"KVM_ASYNC_PF_USER_READY: flags not 0\");",
            program, StringComparison.Ordinal);
        Assert.Contains("userfault_bitmap_marked[1] = { [0] = 0x10000 };", program, StringComparison.Ordinal);
        Assert.Contains("userfault_bitmap_there[1] = { 0 };", program, StringComparison.Ordinal);
        Assert.Contains("Not provoked here: EALREADY", program, StringComparison.Ordinal);
        Assert.Contains("KVM_ASYNC_PF_USER_READY is left out",
            KernelSelftest.Write(Headers.Named("single-bit:variant=as-posted-items"), new([], [])),
            StringComparison.Ordinal);
    }

    private static string OneLine(string diff) =>
        string.Join(' ', diff.Replace("\n+", "\n", StringComparison.Ordinal).Split((char[])['\n', ' '],
            StringSplitOptions.RemoveEmptyEntries));

    private static string Read(string path) => File.ReadAllText(Path.Combine(s_tree, path));

    /// <summary>The patch for a tree whose header has a text before a line.</summary>
    private static KernelPatch Of(string name, string line, string text) => new(Headers.Model(name), path =>
        path == Header ? Read(path).Replace("\n" + line, "\n" + text + line, StringComparison.Ordinal) : Read(path));
}
