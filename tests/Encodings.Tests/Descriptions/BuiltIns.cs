using UapiLab.Abstractions;
using UapiLab.TestKit.Fakes;

namespace UapiLab.Encodings.Tests.Descriptions;

/// <summary>Every built-in encoding with every combination of its options.</summary>
internal static class BuiltIns
{
    public static IEncodingFamily Family(string id) => BuiltInEncodings.All.Single(family => family.Id == id);

    public static IReadOnlyList<Encoding> AllEncodings { get; } =
        [.. BuiltInEncodings.All.SelectMany(family => family.Combinations())];

    public static IEnumerable<TheoryDataRow<string>> FullNames =>
        AllEncodings.Select(encoding => new TheoryDataRow<string>(encoding.Description.FullName));

    /// <summary>Those that keep a state for each frame, which KVM reads at a fault.</summary>
    public static IEnumerable<Encoding> WithFrameStates =>
        AllEncodings.Where(encoding => encoding.Description.Interception == Interception.Memslot);

    public static Encoding Named(string fullName) =>
        AllEncodings.First(encoding => encoding.Description.FullName == fullName);
}
