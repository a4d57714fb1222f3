using System.Diagnostics.CodeAnalysis;
using System.Text;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli;

/// <summary>Writes text without control characters, and tells a stream that takes no more as what it is.</summary>
internal sealed class CleanWriter : TextWriter
{
    private readonly string? _name;
    private TextWriter _stream = Null;
    private string? _failure;

    /// <param name="open">Opens the stream, while there are descriptors for it.</param>
    /// <param name="name">What it is called; null: nobody could be told that it failed.</param>
    public CleanWriter(Func<TextWriter> open, string? name)
    {
        _name = name;
        Guarded(() => _stream = open());
    }

    public override Encoding Encoding => Encoding.UTF8;

    [AllowNull]
    public override string NewLine => "\n";

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        Guarded(() => _stream.Write(CleanText.Page(value ?? "")));
        if (_failure is { } failure && _name is { } name)
        {
            _failure = null; // said once
            throw new InputException(name, "cannot be written: " + failure);
        }
    }

    public override void WriteLine() => Write(NewLine);

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void Flush() => Guarded(_stream.Flush);

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException
            or ArgumentException)
        {
            _stream = Null;
            _failure = e.Message;
        }
    }
}
