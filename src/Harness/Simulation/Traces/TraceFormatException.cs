using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Harness.Simulation.Traces;

/// <summary>A trace file that cannot be read; the message is the single line <c>FILE:LINE: expected ...</c>.</summary>
public sealed class TraceFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">Path as the caller gave it.</param>
    /// <param name="line">Line number from 1, or 0 when the file could not be opened.</param>
    /// <param name="expected">What should have been there.</param>
    public TraceFormatException(string file, long line, string expected)
        : base(CleanText.Printable($"{file}:{line}: expected {expected}"))
    {
        File = file;
        Line = line;
        Expected = expected;
    }

    /// <summary>Path as the caller gave it.</summary>
    public string File { get; }

    /// <summary>Line number from 1, or 0 when the file could not be opened.</summary>
    public long Line { get; }

    /// <summary>What should have been there.</summary>
    public string Expected { get; }
}
