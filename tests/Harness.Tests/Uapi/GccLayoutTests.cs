using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Layout;
using UapiLab.Harness.Uapi.Text;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Our layouts against gcc's, on both ABIs.</summary>
public sealed class GccLayoutTests
{
    public static IEnumerable<TheoryDataRow<string, string>> EncodingsAndAbis =>
        from name in Headers.Names from abi in Toolchain.Abis select new TheoryDataRow<string, string>(name.Data, abi);

    [Theory]
    [MemberData(nameof(EncodingsAndAbis))]
    public void Headers_compile_with_every_offset_where_we_say(string name, string abi)
    {
        using var tool = new Toolchain();
        UapiModel model = Headers.Model(name);
        string source = CHeader.Write(model) + CAsserts.Write(model);

        Assert.Null(tool.Compile(source, abi));
    }

    public static IEnumerable<TheoryDataRow<string, string>> PostingsAndAbis =>
        from posted in PostedUapis.All
        from abi in Toolchain.Abis
        select new TheoryDataRow<string, string>(posted.Name, abi);

    [Theory]
    [MemberData(nameof(PostingsAndAbis))]
    public void Postings_compile_with_every_offset_where_we_say(string name, string abi)
    {
        using var tool = new Toolchain();
        PostedUapi posted = PostedUapis.Find(name)!;
        UapiModel model = new(posted.Description, posted.Regions);

        Assert.Null(tool.Compile(CHeader.Write(model) + CAsserts.Write(model), abi));
    }

    /// <summary>A header that comes after linux/kvm.h adds to it and contradicts nothing.</summary>
    [Theory]
    [InlineData("single-bit")]
    [InlineData("multi-bit:bits=8,layout=split")]
    [InlineData("async-hint")]
    [InlineData("async-hint:inject=at-fault")]
    public void Headers_compile_after_the_installed_kvm_header(string name)
    {
        using var tool = new Toolchain();

        Assert.Null(tool.Compile("#include <linux/kvm.h>\n" + CHeader.Write(Headers.Model(name))));
    }

    [Fact]
    public void A_program_prints_the_offsets_we_say()
    {
        using var tool = new Toolchain();
        UapiModel model = Headers.Model("single-bit");
        PlacedStruct run = Layouts.Place(model.Find("kvm_run")!, Abi.X8664)!;
        PlacedField[] fields = [.. run.Fields.Where(field => field.IsNamed)];
        string prints =
            string.Concat(fields.Select(field => $"printf(\"%zu\\n\", offsetof(struct kvm_run, {field.Path}));\n"));

        string printed =
            tool.Output(
                $"#include <stddef.h>\n#include <stdio.h>\n{CHeader.Write(model)}int main(void) {{ {prints} return 0; "
                + $"}}\n");

        Assert.Equal(fields.Select(field => Invariant($"{field.Offset}")),
            printed.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(fields, field => field is { Path: "memory_fault.async_pf_user_token", Offset: 56 });
    }

    /// <summary>The assertions can fail: a wrong offset does not compile.</summary>
    [Fact]
    public void A_wrong_size_does_not_compile()
    {
        using var tool = new Toolchain();
        UapiModel model = Headers.Model("async-hint:inject=at-fault");
        string source = CHeader.Write(model) + CAsserts.Write(model);
        string wrong = source.Replace("sizeof(struct kvm_async_pf_req) == 32", "sizeof(struct kvm_async_pf_req) == 40",
            StringComparison.Ordinal);

        Assert.NotEqual(source, wrong);
        Assert.Contains("kvm_async_pf_req", tool.Compile(wrong), StringComparison.Ordinal);
    }

    /// <summary>What we say of linux/kvm.h, against the header itself.</summary>
    [Fact]
    public void The_skeleton_of_kvm_run_is_the_installed_one()
    {
        using var tool = new Toolchain();
        // memory_fault is younger than some installed headers; the token's place hangs on the union's alone.
        PlacedStruct run = Layouts.Place(LinuxKvm.Run, Abi.X8664)!;
        IEnumerable<string> asserts = run.Fields
            .Where(field => field.IsNamed && !field.Path.StartsWith("memory_fault", StringComparison.Ordinal))
            .Select(field => Invariant(
                $"_Static_assert(__builtin_offsetof(struct kvm_run, {field.Path}) == {field.Offset}, ")
                + Invariant($"\"{field.Path}\");\n"));

        Assert.Null(
            tool.Compile(
            $"#include <linux/kvm.h>\n_Static_assert(sizeof(struct kvm_run) == {run.Size}, "
            + $"\"size\");\n{string.Concat(asserts)}"));
        Assert.Null(
            tool.Compile(
            $"#include <linux/kvm.h>\n_Static_assert(sizeof(struct kvm_enable_cap) == {LinuxKvm.EnableCap.Size}, "
            + $"\"size\");\n"));
    }

    /// <summary>Three hundred structures at random, some packed, with arrays, unions and structures within
    /// structures.</summary>
    [Theory]
    [InlineData("x86-64")]
    [InlineData("i386")]
    public void Random_structures_are_laid_out_as_gcc_lays_them_out(string abi)
    {
        using var tool = new Toolchain();
        var random = new RandomStructs(seed: 1);
        StructSpec[] structures = [.. Enumerable.Range(0, 300).Select(random.Next)];
        UapiModel model = Headers.Of(structures);
        Assert.True(structures.Count(s => Layouts.Place(s, Abi.I386)!.Size != Layouts.Place(s, Abi.X8664)!.Size) > 50);

        Assert.Null(tool.Compile(CHeader.Write(model) + CAsserts.Write(model), abi));
    }
}
