using System.ComponentModel;
using System.Runtime.InteropServices;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Record;

/// <summary>The kernel's.</summary>
internal sealed partial class Tracefs(string root) : ITracefs
{
    private const int Exists = 17; // EEXIST
    private const uint Owner = 0x1c0; // rwx------

    public string Root => root;

    public bool Has(string path) => File.Exists(At(path));

    public void Write(string path, string value)
    {
        // The kernel takes words in place.
        using var file = new FileStream(At(path), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(value + "\n"));
    }

    // The framework does not say whether a directory was there.
    public bool MakeInstance(string path) => MakeDirectory(At(path), Owner) == 0
        || (Marshal.GetLastPInvokeError() == Exists ? false
            : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message));

    // rmdir works although the directory looks full: what is in it is the kernel's.
    public void RemoveInstance(string path) => Directory.Delete(At(path));

    public void Copy(string path, string to)
    {
        using var from = new FileStream(At(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        OutputFile.Write(to, from.CopyTo);
    }

    private string At(string path) => Path.Combine(root, path);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);
}
