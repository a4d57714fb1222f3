namespace UapiLab.Cli.Record;

/// <summary>A tracefs. Paths are relative to its root.</summary>
internal interface ITracefs
{
    /// <summary>Where it is mounted.</summary>
    string Root { get; }

    /// <summary>Whether there is such a file.</summary>
    bool Has(string path);

    /// <summary>Writes a word into a file, as `echo` would.</summary>
    void Write(string path, string value);

    /// <summary>Makes a directory, which in instances/ is a buffer of its own.</summary>
    /// <returns>Whether it was not there.</returns>
    bool MakeInstance(string path);

    /// <summary>Removes it, with its buffer.</summary>
    void RemoveInstance(string path);

    /// <summary>Copies a file out.</summary>
    void Copy(string path, string to);
}
