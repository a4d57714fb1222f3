using UapiLab.Harness.Uapi.Diff;
using UapiLab.Harness.Uapi.Lint;

namespace UapiLab.Harness.Tests.Uapi;

/// <summary>Our comparison against abidiff's, on compiled headers.</summary>
public sealed class AbidiffTests
{
    public static IEnumerable<TheoryDataRow<string>> Names =>
        LayoutChange.All.Select(change => new TheoryDataRow<string>(change.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Changes_have_their_class(string name)
    {
        LayoutChange change = LayoutChange.Named(name);
        IReadOnlyList<UapiChange> found = change.Changes;

        Assert.Equal(change.Worst, found.Select(c => (ChangeClass?)c.Class).Max());
        Assert.Equal(change.Verdict, CheckUapi.Of(found));
        Assert.All(found, c => Assert.False(string.IsNullOrWhiteSpace(c.Why)));
    }

    public static IEnumerable<TheoryDataRow<string, string>> NamesAndAbis =>
        from change in LayoutChange.All
        from abi in Toolchain.Abis
        select new TheoryDataRow<string,
            string>(change.Name, abi);

    /// <summary>abidiff reports a change exactly if we say that it sees one; what adds nothing but types it tells from
    /// the rest.</summary>
    [Theory]
    [MemberData(nameof(NamesAndAbis))]
    public void Abidiff_sees_what_we_say_it_sees(string name, string abi)
    {
        LayoutChange change = LayoutChange.Named(name);
        ChangeClass[] seen = [.. change.Changes.Where(c => c.SeenByAbidiff).Select(c => c.Class)];
        const int Added = 4;
        const int Incompatible = 12;
        int expected = seen.Length == 0 ? 0 : seen.All(c => c == ChangeClass.Addition) ? Added : Incompatible;

        using var tool = new Toolchain();
        Compile(tool, change, abi);

        Assert.Equal(expected, tool.Abidiff("old.so", "now.so"));
    }

    /// <summary>check-uapi's exemption for padding, in the words of an abidiff that is older than the one it asks for:
    /// what comes in at or behind the first member that is named like padding is let pass.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_exemption_for_padding_is_check_uapis(string name)
    {
        LayoutChange change = LayoutChange.Named(name);
        string? padding = change.Old[0].Fields.FirstOrDefault(field => PaddingNames.Match(field.Name))?.Name;
        bool sizeStays = change.Old[0].Size == change.Now.FirstOrDefault()?.Size;
        if (padding is null || !sizeStays || change.Changes.Count == 0)
        {
            // Old versions let more pass where a size changes; check-uapi wants a newer one for that.
            Assert.DoesNotContain(change.Changes, c => c.Class == ChangeClass.Padding);
            return;
        }

        using var tool = new Toolchain();
        Compile(tool, change, "x86-64");
        string exempt =
            $"[suppress_type]\n  type_kind = struct\n  has_data_member_inserted_at = offset_of({padding})\n";

        Assert.Equal(CheckUapi.Of(change.Changes) == CheckUapiVerdict.Passes,
            tool.Abidiff("old.so", "now.so", exempt) == 0);
    }

    private static void Compile(Toolchain tool, LayoutChange change, string abi)
    {
        Assert.Null(tool.Compile(LayoutChange.Source(change.Old), abi, "old.so"));
        Assert.Null(tool.Compile(LayoutChange.Source(change.Now), abi, "now.so"));
    }
}
