using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipes;
using System.Text;

namespace UapiLab.Cli.Plugins;

/// <summary>A worker's side: what it is asked for, and where its answers go. Its standard output and standard error are
/// its plugins'.</summary>
internal sealed class WorkerSide
{
    /// <summary>The word of a command line that makes a worker; the ends of two pipes follow.</summary>
    public const string Word = "worker";

    private readonly BlockingCollection<Frame> _questions = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly FrameStream _answers;

    private WorkerSide(string questions, string answers)
    {
        ProcessGroup.Enter();
        var (from, to) = (new AnonymousPipeClientStream(PipeDirection.In, questions),
            new AnonymousPipeClientStream(PipeDirection.Out, answers));
        _answers = new(to);
        new Thread(() => Receive(new(from))) { IsBackground = true }.Start();
        Task = _questions.Take().Read<WorkerTask>();
        Watchdog = new(this);
    }

    /// <summary>What it is for.</summary>
    public WorkerTask Task { get; }

    /// <summary>Ends it when it is stuck.</summary>
    public Watchdog Watchdog { get; }

    /// <summary>Does what the main process wants.</summary>
    public static async Task<int> Run(string questions, string answers)
    {
        var side = new WorkerSide(questions, answers);
        using TextWriter output = new Relay(side, FrameKind.Out), error = new Relay(side, FrameKind.Error);
        var exit = await Program.RunAsync([.. side.Task.Words], Terminal.Plain(output, error), side, side._stop.Token);
        output.Flush();
        error.Flush();
        side.Watchdog.Done();
        side.Send(FrameKind.Answer, 0, exit);
        return exit;
    }

    /// <summary>Answers questions until there are no more.</summary>
    /// <param name="doing">What answering one is called.</param>
    /// <param name="answer">Answers one.</param>
    public int Serve<TQuestion, TAnswer>(Func<TQuestion, string> doing, Func<TQuestion, TAnswer> answer)
    {
        while (true)
        {
            Watchdog.Rest();
            var asked = _questions.Take(_stop.Token);
            var question = asked.Read<TQuestion>();
            Watchdog.Beat(doing(question));
            Send(FrameKind.Answer, asked.Number, answer(question));
        }
    }

    /// <summary>Sends a message, if anybody is there to read it.</summary>
    public void Send<T>(FrameKind kind, int number, T body)
    {
        try
        {
            _answers.Write(Frame.Of(kind, number, body));
        }
        catch (IOException)
        {
            ProcessGroup.EndOwn();
        }
    }

    private void Receive(FrameStream questions)
    {
        while (questions.Read() is { } frame)
        {
            if (frame.Kind == FrameKind.Stop)
            {
                _stop.Cancel();
            }
            else
            {
                _questions.Add(frame);
            }
        }

        // Nobody wants an answer any more.
        ProcessGroup.EndOwn();
    }

    /// <summary>Sends text on by lines.</summary>
    private sealed class Relay(WorkerSide to, FrameKind kind) : TextWriter(CultureInfo.InvariantCulture)
    {
        private const int Most = 1 << 16;

        private readonly Lock _gate = new();
        private readonly StringBuilder _text = new();

        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public override void Write(char value) => Write([value]);

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_gate)
            {
                _text.Append(buffer);
                if (buffer.EndsWith('\n'))
                {
                    Flush();
                }
            }
        }

        public override void Flush()
        {
            lock (_gate)
            {
                while (_text.Length > 0)
                {
                    var count = Math.Min(_text.Length, Most);
                    count -= count < _text.Length && char.IsHighSurrogate(_text[count - 1]) ? 1 : 0;
                    to.Send(kind, 0, _text.ToString(0, count));
                    _text.Remove(0, count);
                }
            }
        }
    }
}
