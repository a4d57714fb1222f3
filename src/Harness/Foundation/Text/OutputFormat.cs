namespace UapiLab.Harness.Foundation.Text;

/// <summary>A form in which a result is written to a file. Option texts and documents follow from the lists of
/// these.</summary>
/// <param name="file">Name of the file, or its end where each result has a name of its own.</param>
/// <param name="doc">What the file is for.</param>
/// <param name="write">The whole text of a file.</param>
public sealed class OutputFormat<T>(string file, string doc, Func<T, string> write)
{
    /// <summary>Name of the file, or its end where each result has a name of its own.</summary>
    public string File => file;

    /// <summary>What the file is for.</summary>
    public string Doc => doc;

    /// <summary>The whole text of a file.</summary>
    public string Write(T result) => write(result);
}
