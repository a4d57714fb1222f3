namespace UapiLab.Cli.Record;

/// <summary>The kernel's.</summary>
internal sealed class Tracefs(string root) : ITracefs
{
    public string Root => root;

    public bool Has(string path) => File.Exists(At(path));

    public void Write(string path, string value)
    {
        using var file = new FileStream(At(path), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(value + "\n"));
    }

    public void MakeInstance(string path) => Directory.CreateDirectory(At(path));

    // rmdir works although the directory looks full: what is in it is the kernel's.
    public void RemoveInstance(string path) => Directory.Delete(At(path));

    public void Copy(string path, string to)
    {
        using var from = new FileStream(At(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var file = new FileStream(to, FileMode.Create, FileAccess.Write);
        from.CopyTo(file);
    }

    private string At(string path) => Path.Combine(root, path);
}
