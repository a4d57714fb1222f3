using UapiLab.Abstractions;

namespace UapiLab.Encodings.NeverAsync;

/// <summary>Declared regions; a handle is the position in <see cref="Regions"/>.</summary>
internal static class NeverAsyncLayout
{
    public static Region Bitmap => new(0);

    public static IReadOnlyList<RegionSpec> Regions => [UserfaultBitmap.Spec];
}
