using System.Numerics;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed partial class DescriptionTests
{
    public static IEnumerable<TheoryDataRow<string>> All => BuiltIns.FullNames;

    /// <summary>Sizes and offsets as gcc has them are tested with the headers; this is about what was written
    /// down.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Structures_have_no_hidden_holes(string name)
    {
        foreach (StructSpec structure in BuiltIns.Named(name).Description.Structs)
        {
            int end = 0;
            foreach (FieldSpec field in structure.Fields)
            {
                Assert.True(field.Offset == end, $"{structure.Name}.{field.Name} is at {field.Offset}, expected {end}");
                end = field.Offset + SizeOf(field);
            }

            Assert.Equal(structure.Size, end);
        }
    }

    /// <summary>The wart of the RFC.</summary>
    [Fact]
    public void Only_the_token_leaves_tail_padding()
    {
        IEnumerable<string> padded =
            from encoding in BuiltIns.AllEncodings
            from structure in encoding.Description.Structs
            from member in Nested(structure.Fields)
            where member.Type == "struct" && SizeOf(member) % 8 != 0
            select $"{member.Name}.{member.Members[^1].Name}";
        Assert.Equal(["memory_fault.async_pf_user_token"], padded.Distinct());
    }

    /// <summary>Locks are declared for whoever counts them, so that what is declared must be what is taken.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Declared_locks_are_those_that_are_taken(string name)
    {
        Encoding encoding = BuiltIns.Named(name);
        var world = new FakeWorld(encoding);
        foreach (IoctlSpec ioctl in encoding.Description.Ioctls)
        {
            world.KvmHalf.OnIoctl(world.Kvm, new IoctlCall(0, ioctl.Number, new IoctlArgument(0x5000, 2)));
        }

        world.KvmHalf.OnQueueClearing(world.Kvm, 0, QueueClearReason.Reset);
        world.KvmHalf.OnRun(world.Kvm, new RunEntry(0, ImmediateExit: false));
        world.CreateVcpus();
        world.KvmHalf.OnBeforeHalt(world.Kvm, 0);

        Assert.Equal(encoding.Description.Locks.Order(), world.LocksTaken.Order());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_name_that_is_referred_to_is_declared(string name)
    {
        EncodingDescription description = BuiltIns.Named(name).Description;
        string[] capabilities = [.. description.Capabilities.Select(capability => capability.Name)];
        string[] known = ["", .. capabilities, .. description.Flags.Select(flag => flag.Name)];
        Assert.All(description.Flags, flag => Assert.Contains(flag.OptIn, known));
        Assert.All(description.Flags.Where(flag => flag.Capability != ""),
            flag => Assert.Contains(flag.Capability, capabilities));
        Assert.All(description.Ioctls.Where(ioctl => ioctl.Capability != ""),
            ioctl => Assert.Contains(ioctl.Capability, capabilities));
        Assert.All(description.Structs.SelectMany(structure => Nested(structure.Fields)),
            field => Assert.Contains(field.ValidWith, known));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Ioctls_name_a_described_structure_and_list_each_errno_once(string name)
    {
        EncodingDescription description = BuiltIns.Named(name).Description;
        Assert.Distinct(description.Ioctls.Select(ioctl => ioctl.Number));
        foreach (IoctlSpec ioctl in description.Ioctls)
        {
            Assert.InRange(ioctl.Number, 0U, 0xffU);
            Assert.Contains(description.Structs, structure => structure.Name == ioctl.Struct);
            Assert.Distinct(ioctl.Errors.Select(error => error.Errno));
            Assert.All(ioctl.Errors, error => Assert.False(string.IsNullOrWhiteSpace(error.When)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Flag_bits_of_a_field_differ_and_leave_the_upstream_ones_alone(string name)
    {
        IReadOnlyList<FlagSpec> flags = BuiltIns.Named(name).Description.Flags;
        Assert.Distinct(flags.Select(flag => (flag.Field, flag.Bit)));
        Assert.All(flags.Where(flag => flag.Field == "kvm_run.memory_fault.flags"),
            flag => Assert.InRange(flag.Bit, 4, 63));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Regions_are_declared_within_the_contract(string name)
    {
        Encoding encoding = BuiltIns.Named(name);
        Assert.Distinct(encoding.Regions.Select(region => region.Name));
        foreach (RegionSpec region in encoding.Regions)
        {
            Assert.Matches(Identifier(), region.Name);
            Assert.Contains(region.WordBits, new[] { 8, 32, 64 });
            Assert.False(string.IsNullOrWhiteSpace(region.Doc));
            if (region.Scope == RegionScope.PerGfn)
            {
                Assert.True(BitOperations.IsPow2(region.Count) && region.Count <= region.WordBits);
            }
        }

        int shared = encoding.Regions
            .Where(region => region is { Owner: RegionOwner.Shared, Scope: RegionScope.PerGfn })
            .Sum(region => region.Count);
        Assert.Equal(encoding.Description.BitsPerGfn, shared);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void States_fit_the_field(string name)
    {
        EncodingDescription description = BuiltIns.Named(name).Description;
        Assert.Distinct(description.States);
        // caught below KVM, a frame has no state to give a name to
        int least = description.Interception == Interception.Memslot ? 2 : 0;
        Assert.InRange(description.States.Count, least, description.BitsPerGfn == 0 ? 0 : 1 << description.BitsPerGfn);
    }

    [Fact]
    public void Memory_region_keeps_its_size_and_takes_words_from_the_padding()
    {
        foreach (Encoding encoding in BuiltIns.WithFrameStates)
        {
            StructSpec region =
                encoding.Description.Structs.Single(structure => structure.Name == "kvm_userspace_memory_region2");
            Assert.Equal(160, region.Size);
            Assert.Equal("pad2", region.Fields[^1].Name);
            Assert.InRange(region.Fields[^1].Elements, 6, 13);
        }
    }

    [Fact]
    public void Accept_takes_the_vcpu_mutex_and_ready_does_not()
    {
        IoctlSpec ioctl =
            BuiltIns.Named("async-hint:inject=at-fault").Description.Ioctls.Single(spec => spec.Name == "KVM_ASYNC_PF");
        const ulong Gpa = 0x5000;
        Assert.True(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 1)));
        Assert.False(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 2)));
        Assert.True(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 0)));
        Assert.False(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 2 | (1UL << 32))));
    }

    private static IEnumerable<FieldSpec> Nested(IEnumerable<FieldSpec> fields) =>
        fields.SelectMany(field => Nested(field.Members).Prepend(field));

    private static int SizeOf(FieldSpec field) => field.Elements * field.Type switch
    {
        "char" or "__u8" => 1,
        "__u16" => 2,
        "__u32" or "__s32" => 4,
        "__u64" => 8,
        "struct" => field.Members.Sum(SizeOf),
        "union" => field.Members.Max(SizeOf),
        _ => throw new ArgumentException($"no fixed width: {field.Type}", nameof(field)),
    };

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex Identifier();
}
