using System.IO.Compression;
using System.Text;

namespace UapiLab.Harness.Tests.Simulation.Traces;

internal static class Packed
{
    public static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var packer = new GZipStream(packed, CompressionLevel.Optimal))
        {
            packer.Write(Encoding.Latin1.GetBytes(text));
        }

        return packed.ToArray();
    }

    public static byte[] Unpack(string path)
    {
        using var unpacker = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var content = new MemoryStream();
        unpacker.CopyTo(content);
        return content.ToArray();
    }
}
