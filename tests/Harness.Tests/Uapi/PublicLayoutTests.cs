using UapiLab.Abstractions;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Layout;
using UapiLab.Harness.Uapi.Lint;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Layouts of public series, by the numbers that are known of them.</summary>
public sealed class PublicLayoutTests
{
    [Theory]
    [InlineData("single-bit:apf=off", "kvm_userspace_memory_region2", "userfault_bitmap", 48)]
    [InlineData("single-bit:apf=off", "kvm_userspace_memory_region2", "pad2", 56)]
    [InlineData("single-bit", "kvm_run", "memory_fault.flags", 32)]
    [InlineData("single-bit", "kvm_run", "memory_fault.gpa", 40)]
    [InlineData("single-bit", "kvm_run", "memory_fault.size", 48)]
    [InlineData("single-bit", "kvm_run", "memory_fault.async_pf_user_token", 56)]
    [InlineData("async-hint:inject=at-fault", "kvm_async_pf_req", "op", 8)]
    [InlineData("async-hint:inject=at-fault", "kvm_async_pf_req", "reserved", 16)]
    public void Fields_are_where_the_series_has_them_on_both_ABIs(string encoding, string structure, string path,
        int offset) =>
        Assert.All(Abi.All,
            abi => Assert.Equal(offset,
            Layouts.Place(Headers.Model(encoding).Find(structure)!, abi)!.Find(path)!.Offset));

    [Fact]
    public void Sizes_are_those_of_the_series()
    {
        Assert.Equal(160, Layouts.Place(LinuxKvm.MemoryRegion2, Abi.I386)!.Size);
        Assert.Equal(2352, Layouts.Place(LinuxKvm.Run, Abi.X8664)!.Size);
        Assert.Equal(32, Layouts.Place(Headers.Model("async-hint:inject=at-fault").Find("kvm_async_pf_req")!,
            Abi.I386)!.Size);
    }

    /// <summary>u32, u64, u32: the example that shows what an i386 does.</summary>
    [Fact]
    public void A_64_bit_integer_between_two_words_differs()
    {
        StructSpec structure = Headers.Struct("kvm_thing", "__u32 a", "__u64 b", "__u32 c");

        Assert.Equal(24, Layouts.Place(structure, Abi.X8664)!.Size);
        Assert.Equal(16, Layouts.Place(structure, Abi.I386)!.Size);
    }

    /// <summary>The exitless series of 2026: its request, and the page it shares. 64 bytes of header, two rings of
    /// 1152.</summary>
    [Theory]
    [InlineData("x86-64")]
    [InlineData("i386")]
    public void The_exitless_page_is_clean_and_as_large_as_it_is(string abi)
    {
        StructSpec request = new("kvm_apf_eventfd",
        [
            new("fd", "__s32", 0) { Doc = "Signalled for new entries; -1 deregisters." },
            new("complete_fd", "__s32", 4) { Doc = "Signalled by userspace." },
            new("flags", "__u32", 8, MustBeZero: true),
            new("padding", "__u32", 12, MustBeZero: true),
            new("reserved", "__u64", 16, 2, MustBeZero: true),
        ], 32)
        {
            Doc = "For KVM_SET_APF_EVENTFD.",
        };
        StructSpec page = new("kvm_apf_shared_page",
        [
            new("header", "struct", 0)
            {
                Doc = "What the page is.",
                Members =
                [
                    Word("version", 0), Word("ring_size", 4), Word("entry_size", 8), Word("flags", 12),
                    new("reserved", "__u64", 16, 6, MustBeZero: true),
                ],
            },
            Ring("notify", 64),
            Ring("complete", 64 + 1152),
        ], 2368)
        {
            Doc = "The page mapped from the vCPU.",
        };
        UapiModel model = Headers.Of(new EncodingDescription
        {
            Id = "exitless",
            FullName = "exitless",
            Summary = "Rings and eventfds.",
            Origin = "2026.",
            BitsPerGfn = 1,
            Capabilities = [new("KVM_CAP_ASYNC_PF_USERFAULT_EVENTFD", 0, "vcpu", "Rings may be registered.")],
            Ioctls =
            [
                new("KVM_SET_APF_EVENTFD", 0xd9, "W", "kvm_apf_eventfd", TakesVcpuMutex: true,
                    [(Errno.Invalid, "a field is not as it must be")], "Registers the eventfds.")
                {
                    Capability = "KVM_CAP_ASYNC_PF_USERFAULT_EVENTFD",
                },
            ],
            Structs = [request, page],
        });

        Assert.Equal(["capability-unnumbered"], UapiLint.Check(new LintSubject(model)).Select(finding => finding.Rule));
        Assert.Equal(64 + 64, Layouts.Place(page, Abi.X8664)!.Find("notify.tail")!.Offset);
        using var tool = new Toolchain();
        Assert.Null(tool.Compile(CHeader.Write(model) + CAsserts.Write(model), abi));
    }

    private static FieldSpec Word(string name, int offset) => new(name, "__u32", offset) { Doc = "A word." };

    private static FieldSpec Ring(string name, int offset) => new(name, "struct", offset)
    {
        Doc = "A ring: who produces has head, who consumes has tail.",
        Members =
        [
            Word("head", 0), new("pad_head", "__u32", 4, 15, MustBeZero: true),
            Word("tail", 64), new("pad_tail", "__u32", 68, 15, MustBeZero: true),
            new("entries", "struct", 128, 64)
            {
                Doc = "Frames.",
                Members = [new("gpa", "__u64", 0) { Doc = "Address." },
                    new("flags", "__u64", 8) { Doc = "As an exit has them." }],
            },
        ],
    };
}
