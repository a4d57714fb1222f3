using UapiLab.Tests;
using System.Globalization;
using System.Text.RegularExpressions;
using UapiLab.Abstractions;
using UapiLab.Encodings;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Registry;

namespace UapiLab.Harness.Tests.Checking.Histories;

/// <summary>The line that makes an access is named, and it is that line, also after a search has made the code
/// hot.</summary>
public sealed partial class SourceLineTests
{
    public static TheoryData<string> Specs =>
        new("single-bit", "single-bit:variant=as-posted", "multi-bit", "async-hint", "async-hint:inject=at-fault");

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_access_names_a_line_that_makes_one(string spec)
    {
        var history = Overtaking(spec);
        var accesses = history.Steps.Where(s => Access().IsMatch(s.Text)).ToArray();

        Assert.True(accesses.Length > 5, string.Join('\n', history.Steps.Select(s => s.Text)));
        Assert.All(accesses, step =>
        {
            Assert.NotNull(step.Source);
            var (file, line) =
                (step.Source.Split(':')[0],
                    int.Parse(step.Source.Split(':')[1].Split(',')[0], CultureInfo.InvariantCulture));
            var path = Assert.Single(
                Directory.GetFiles(Path.Combine(GeneratedDoc.Root(), "src", "Encodings"), file,
                SearchOption.AllDirectories));
            Assert.Matches(Call(), Statement(File.ReadAllLines(path), line));
        });
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Twice_the_same(string spec) =>
        Assert.Equal(HistoryJson.Write(Overtaking(spec)), HistoryJson.Write(Overtaking(spec)));

    [Fact]
    public void The_copy_is_the_same_encoding_and_optimises_nothing()
    {
        foreach (var encoding in new EncodingRegistry(BuiltInEncodings.All) is var registry
            ? registry.Families.SelectMany(registry.EveryVariant) : [])
        {
            var copy = UnoptimisedCopy.Of(encoding);

            Assert.NotNull(copy);
            Assert.NotSame(encoding.GetType(), copy.GetType());
            Assert.Equal(encoding.GetType().FullName, copy.GetType().FullName);
            Assert.Equal(encoding.Description.FullName, copy.Description.FullName);
            Assert.Equal(LayoutDigest.Of(encoding), LayoutDigest.Of(copy));
            Assert.True(
                ((System.Diagnostics.DebuggableAttribute)Attribute.GetCustomAttribute(copy.GetType().Assembly,
                typeof(System.Diagnostics.DebuggableAttribute))!).IsJITOptimizerDisabled);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("A.cs:1", "A.cs:1", "A.cs:1")]
    [InlineData("A.cs:1,7, B.cs:2", "A.cs:1", "B.cs:2", "A.cs:7")]
    public void Lines_of_a_step_are_joined(string? expected, params string[] lines) =>
        Assert.Equal(expected, SourceLine.Joined(lines));

    /// <summary>Symbols name the first line of a statement.</summary>
    private static string Statement(string[] lines, int first) =>
        string.Concat(lines.Skip(first - 1)
            .Take(1 + lines.Skip(first - 1).TakeWhile(l => !l.EndsWith(';') && !l.EndsWith('{')).Count()));

    /// <summary>The shortest run in which a page-ready overtakes its not-present, right after the search that found
    /// it.</summary>
    private static History Overtaking(string spec)
    {
        var small = CheckInstance.Quick with { Prefetcher = false, Environment = new(), Modes = [GuestStepFlags.None] };
        var model = new MachineModel(new EncodingRegistry(BuiltInEncodings.All).Resolve(spec), small);
        var seen = Checker.Search(model, new(), out _).Properties.Single(p => p.Property.Name == "back-to-back-apf");
        return HistoryBuilder.Build(model, MachineProperty.Of(seen.Property.Name), seen.Path!)!;
    }

    [GeneratedRegex(
        @"^(load|store|fetch_|xchg|cmpxchg|lock|unlock|ioctl|complete the APF|queue an APF|queue not-present)")]
    private static partial Regex Access();

    /// <summary>A call of the world, or of a helper that is handed it by one name or the other.</summary>
    [GeneratedRegex(@"\b(kvm|vmm)\.\w+\(")]
    private static partial Regex Call();
}
