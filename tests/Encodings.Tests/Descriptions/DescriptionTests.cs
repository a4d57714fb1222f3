using System.Numerics;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed partial class DescriptionTests
{
    public static IEnumerable<TheoryDataRow<string>> All => BuiltIns.FullNames;

    [Theory]
    [MemberData(nameof(All))]
    public void Structures_have_natural_alignment_and_no_hidden_holes(string name)
    {
        foreach (StructSpec structure in BuiltIns.Named(name).Description.Structs)
        {
            int next = 0;
            int alignment = 1;
            foreach (FieldSpec field in structure.Fields)
            {
                int size = SizeOf(field.Type);
                Assert.True(field.Offset == next, $"{structure.Name}.{field.Name} is at {field.Offset}, expected {next}");
                Assert.True(field.Offset % size == 0, $"{structure.Name}.{field.Name} is misaligned");
                next = field.Offset + (size * field.Elements);
                alignment = Math.Max(alignment, size);
            }

            int padded = (next + alignment - 1) / alignment * alignment;
            Assert.Equal(padded, structure.Size);
        }
    }

    /// <summary>The wart of the RFC is the only tail padding there is.</summary>
    [Fact]
    public void Only_the_token_leaves_tail_padding()
    {
        IEnumerable<string> padded =
            from encoding in BuiltIns.AllEncodings
            from structure in encoding.Description.Structs
            let last = structure.Fields[^1]
            where last.Offset + (SizeOf(last.Type) * last.Elements) != structure.Size
            select $"{last.Name}";
        Assert.Equal(["async_pf_user_token"], padded.Distinct());
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
        Assert.All(flags.Where(flag => flag.Field == "kvm_run.memory_fault.flags"), flag => Assert.InRange(flag.Bit, 4, 63));
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
        Assert.InRange(description.States.Count, 2, 1 << description.BitsPerGfn);
    }

    [Fact]
    public void Memory_region_keeps_its_size_and_takes_words_from_the_padding()
    {
        foreach (Encoding encoding in BuiltIns.AllEncodings)
        {
            StructSpec region = encoding.Description.Structs.Single(structure => structure.Name == "kvm_userspace_memory_region2");
            Assert.Equal(160, region.Size);
            Assert.Equal("pad2", region.Fields[^1].Name);
            Assert.InRange(region.Fields[^1].Elements, 6, 13);
        }
    }

    [Fact]
    public void Accept_takes_the_vcpu_mutex_and_ready_does_not()
    {
        IoctlSpec ioctl = BuiltIns.Named("async-hint:inject=at-fault").Description.Ioctls.Single(spec => spec.Name == "KVM_ASYNC_PF");
        const ulong Gpa = 0x5000;
        Assert.True(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 1)));
        Assert.False(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 2)));
        Assert.True(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 0)));
        Assert.False(ioctl.TakesMutexFor(new IoctlArgument(Gpa, 2 | (1UL << 32))));
    }

    private static int SizeOf(string type) => type switch
    {
        "__u8" => 1,
        "__u32" or "__s32" => 4,
        "__u64" => 8,
        _ => throw new ArgumentException($"no fixed width: {type}", nameof(type)),
    };

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex Identifier();
}
