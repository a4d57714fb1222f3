using UapiLab.Abstractions;
using UapiLab.Harness.Registry;
using UapiLab.Tests;

namespace UapiLab.Encodings.Tests.Descriptions;

public sealed class PostedUapiTests
{
    [Fact]
    public void Names_are_those_of_no_encoding_and_each_says_where_it_stands()
    {
        string[] names = [.. PostedUapis.All.Select(p => p.Name)];

        Assert.Equal(names, names.Distinct());
        Assert.Empty(names.Intersect(new EncodingRegistry(BuiltInEncodings.All).Families.Select(f => f.Id)));
        Assert.All(PostedUapis.All, p => Assert.Matches(@"@google\.com|Firecracker", p.Source));
        Assert.All(PostedUapis.All, p => Assert.Equal(p.Name, p.Description.FullName));
        Assert.All(PostedUapis.All, p => Assert.Same(p, PostedUapis.Find(p.Name)));
    }

    /// <summary>What is carried is what the encodings that build on it declare.</summary>
    [Fact]
    public void The_carried_bitmap_is_that_of_the_encodings()
    {
        EncodingDescription carried = PostedUapis.Find("userfault-2026")!.Description;
        EncodingDescription built = new EncodingRegistry(BuiltInEncodings.All).Resolve("never-async").Description;

        Assert.Equal(built.Capabilities.Select(c => (c.Name, c.Number, c.Enable)),
            carried.Capabilities.Select(c => (c.Name, c.Number, c.Enable)));
        Assert.Equal(built.Flags, carried.Flags);
        Assert.Equal(built.Structs.Select(s => (s.Name, s.Size)), carried.Structs.Select(s => (s.Name, s.Size)));
    }

    [Fact]
    public void The_document_lists_them() => GeneratedDoc.Check("docs/uapi.md", "postings",
    [
        "| name | what | capability | by |",
        "| --- | --- | ---: | --- |",
        .. PostedUapis.All.Select(p => $"| `{p.Name}` | {p.Description.Summary} | "
            + $"{string.Join(", ", p.Description.Capabilities.Select(c => Invariant($"{c.Number}")))} | "
            + $"{p.Source} |"),
    ]);
}
