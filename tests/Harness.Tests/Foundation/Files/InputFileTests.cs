using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Simulation.Traces;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Foundation.Files;

/// <summary>What a user may name besides a file.</summary>
public sealed class InputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("uapilab-input-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_fifo_is_read_like_a_file()
    {
        var fifo = Fifo();
        var writer = Task.Run(() => File.WriteAllText(fifo, "text"), TestContext.Current.CancellationToken);
        Assert.Equal("text"u8.ToArray(), InputFile.Read(fifo, "a text", TestContext.Current.CancellationToken));
        await writer;
    }

    [Fact]
    public async Task A_fifo_is_read_as_often_as_a_trace_needs_to_be()
    {
        var fifo = Fifo();
        var writer = Task.Run(() => File.WriteAllText(fifo, "one\ntwo\n"), TestContext.Current.CancellationToken);
        using var trace = TraceFile.Open(fifo, TestContext.Current.CancellationToken);
        for (var times = 0; times < 3; times++)
        {
            using var lines = trace.Lines();
            Assert.True(lines.MoveNext());
            Assert.Equal("one"u8.ToArray(), lines.Current.ToArray());
            Assert.True(lines.MoveNext());
            Assert.False(lines.MoveNext());
        }

        await writer;
    }

    [Fact]
    public void Whoever_waits_for_a_fifo_can_be_interrupted()
    {
        var fifo = Fifo();
        using var stop = new CancellationTokenSource(100);
        Assert.Throws<OperationCanceledException>(() => InputFile.Read(fifo, "a text", stop.Token));
        File.OpenHandle(fifo, FileMode.Open, FileAccess.Write).Dispose(); // lets the thread go that still opens it
    }

    [Fact]
    public void A_document_without_an_end_stops_at_its_bound()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "no /dev/zero here");
        Assert.Equal("/dev/zero: expected a history of at most 16 MiB",
            Assert.Throws<InputException>(() => InputFile.Read("/dev/zero", "a history", CancellationToken.None))
                .Message);
    }

    [Fact]
    public void A_folder_is_no_input() =>
        Assert.StartsWith($"{_folder}: expected a history: ",
            Assert.Throws<InputException>(() => InputFile.Read(_folder, "a history", CancellationToken.None)).Message,
            StringComparison.Ordinal);

    private string Fifo()
    {
        Tool.MakeFifo.Require();
        var path = Path.Combine(_folder, "fifo");
        Assert.Equal(0, Tool.Run(_folder, "", "mkfifo", path).Exit);
        return path;
    }
}
