using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text.Json;

namespace UapiLab.Cli.Plugins;

/// <summary>The main process's side of a worker: this program once more, which holds the code of plugins and may
/// die.</summary>
/// <remarks>Whatever the worker does, it costs a time that is known: nothing here waits for the end of a pipe that a
/// plugin could keep open.</remarks>
internal sealed class PluginWorker : IDisposable
{
    private const int MostWaiting = 1_024;

    // A worker that is started meanwhile would inherit the ends that are meant for another one.
    private static readonly Lock s_starting = new();
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_leave = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interruption = TimeSpan.FromSeconds(5);

    private readonly WorkerTask _task;
    private readonly TextWriter _printed;
    private readonly WorkerExitReport _last = new();
    private readonly BlockingCollection<Frame> _inbox = new(MostWaiting);
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ManualResetEventSlim _isStarted = new();
    private readonly Thread _keeper;
    private Process? _process;
    private FrameStream? _questions;
    private Task _sent = Task.CompletedTask;
    private long _lastSign = Stopwatch.GetTimestamp();
    private int _exit;
    private int _number;
    private string? _end;
    private string? _suspicion;

    /// <param name="task">What it is for.</param>
    /// <param name="printed">Where that goes what plugins print.</param>
    public PluginWorker(WorkerTask task, TextWriter printed)
    {
        this._task = task;
        this._printed = printed;
        // A worker dies with the thread that started it, so that thread stays until it did.
        _keeper = new Thread(Keep) { IsBackground = true, Name = "worker" };
        _keeper.Start();
        _isStarted.Wait();
    }

    /// <summary>Has it do its command line. Its output goes where it would if it were done here.</summary>
    public Reply<int> Do(Terminal terminal, CancellationToken cancellation) =>
        Await<int>(0, terminal.Out, terminal.Error, cancellation);

    /// <summary>Asks it something. What it says of itself beside the answer is part of how it ended.</summary>
    public Reply<TAnswer> Ask<TQuestion, TAnswer>(TQuestion question, CancellationToken cancellation = default)
    {
        if (_end is not null)
        {
            return new(default, _end);
        }

        using var said = new StringWriter(CultureInfo.InvariantCulture);
        var asked = Frame.Of(FrameKind.Question, ++_number, question);
        Send(asked);
        var reply = Await<TAnswer>(asked.Number, said, said, cancellation);
        return reply.Exit is null ? reply : reply with { End = _end = said.ToString().Trim() };
    }

    /// <summary>Ends it, and what its plugin started.</summary>
    public void Kill()
    {
        // The number of a process that was gone long ago may be another one's.
        if (_process is { HasExited: false })
        {
            ProcessGroup.End(_process);
        }
    }

    /// <summary>Ends it, and tells the last of what it printed.</summary>
    public void Dispose()
    {
        Kill();
        _keeper.Join(2 * s_leave);
        Print();
    }

    private Reply<T> Await<T>(int number, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var interruption = cancellation.Register(Interrupt);
        while (_end is null)
        {
            Print();
            if (!_inbox.TryTake(out var frame, s_look))
            {
                _end = _inbox.IsCompleted ? _suspicion ?? _last.Describe(_exit, _task.Limits)
                    : Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSign)).TotalSeconds > MostSilentSeconds
                        ? Invariant($"no sign of life for {MostSilentSeconds} s")
                    : null;
                continue;
            }

            try
            {
                switch (frame.Kind)
                {
                    case FrameKind.Out:
                        output.Write(frame.Read<string>());
                        break;
                    case FrameKind.Error:
                        error.Write(frame.Read<string>());
                        break;
                    case FrameKind.Answer when frame.Number == number:
                        return new(frame.Read<T>(), null);
                    case FrameKind.Answer when frame.Number == 0:
                        return new(default, "", frame.Read<int>());
                    case FrameKind.Answer:
                        _end = Invariant($"its process answered question {frame.Number}, was asked {number}");
                        break;
                    case FrameKind.End:
                        _end = frame.Read<string>();
                        break;
                    case FrameKind.Suspicion:
                        _suspicion = frame.Read<string>();
                        break;
                    default:
                        _end = "its process sent what is no answer";
                        break;
                }
            }
            catch (JsonException)
            {
                _end = "its process sent what is no answer";
            }
        }

        Dispose();
        return new(default, _end);
    }

    /// <summary>A worker says twice a second that it is there, and ends itself where its plugin does not get
    /// on.</summary>
    private int MostSilentSeconds => 5 + (2 * _task.Limits.Seconds);

    private void Print()
    {
        while (_lines.TryDequeue(out var line))
        {
            _printed.WriteLine("plugin: " + line);
        }
    }

    /// <summary>One after the other, and waited for by nobody: a pipe is full where nobody reads it.</summary>
    private void Send(Frame frame)
    {
        lock (_inbox)
        {
            _sent = _sent.ContinueWith(_ => Write(frame), TaskScheduler.Default);
        }
    }

    private void Write(Frame frame)
    {
        try
        {
            _questions!.Write(frame);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It is gone, and the answer will say so.
        }
    }

    /// <summary>Time to write what it has.</summary>
    private void Interrupt()
    {
        Send(Frame.Of(FrameKind.Stop, 0, ""));
        _ = Task.Delay(s_interruption).ContinueWith(_ => Kill(), TaskScheduler.Default);
    }

    private void Keep()
    {
        try
        {
            using var questions = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
            using var answers = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
            lock (s_starting)
            {
                _process = Process.Start(StartInfo(questions, answers))!;
                questions.DisposeLocalCopyOfClientHandle();
                answers.DisposeLocalCopyOfClientHandle();
            }

            _process.StandardInput.Close();
            _questions = new(questions);
            Send(Frame.Of(FrameKind.Question, 0, _task));
            var lines = new PrintedLines(_last, _lines.Enqueue);
            Thread[] readers =
            [
                Reading(() => Receive(new(answers))),
                Reading(() => lines.Read(_process.StandardOutput, mayTellOfCrash: false)),
                Reading(() => lines.Read(_process.StandardError, mayTellOfCrash: true)),
            ];
            _isStarted.Set();
            _process.WaitForExit();
            ProcessGroup.End(_process);
            _exit = _process.ExitCode;
            var since = Stopwatch.GetTimestamp();
            foreach (var reader in readers)
            {
                var left = s_leave - Stopwatch.GetElapsedTime(since);
                reader.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            _lines.Enqueue("cannot be started: " + e.Message);
        }

        _inbox.CompleteAdding();
        _isStarted.Set();
    }

    private void Receive(FrameStream answers)
    {
        while (answers.Read() is { } frame)
        {
            Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());
            if (frame.Kind == FrameKind.Alive)
            {
                continue;
            }

            try
            {
                _inbox.Add(frame);
            }
            catch (InvalidOperationException)
            {
                return;
            }
        }
    }

    private static Thread Reading(Action read)
    {
        var thread = new Thread(() => read()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private ProcessStartInfo StartInfo(AnonymousPipeServerStream questions, AnonymousPipeServerStream answers)
    {
        var start = ThisProgram.Again(
            WorkerSide.Word, questions.GetClientHandleAsString(), answers.GetClientHandleAsString());
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["DOTNET_GCHeapHardLimit"] =
            ((long)_task.Limits.MemoryMiB << 20).ToString("x", CultureInfo.InvariantCulture);
        // No dump of a process that was expected to die.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        if (_task.Sanitiser is { } library)
        {
            // It has to be there before anything else, and leaves signals to the runtime and the shim.
            start.Environment["LD_PRELOAD"] = library;
            start.Environment["ASAN_OPTIONS"] = "detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:"
                + "handle_sigill=0:handle_abort=0:use_sigaltstack=0:exitcode=134:"
                + "detect_stack_use_after_return=0:malloc_context_size=4";
        }

        return start;
    }
}

/// <summary>What became of a question.</summary>
/// <param name="Answer">The answer, unless there is an end.</param>
/// <param name="End">How the worker ended instead; null if it answered.</param>
/// <param name="Exit">Its exit code, where it came to its end by itself; the end is what it said.</param>
internal readonly record struct Reply<T>(T? Answer, string? End, int? Exit = null);
