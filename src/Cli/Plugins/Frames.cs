using System.Buffers.Binary;
using System.Text.Json;

namespace UapiLab.Cli.Plugins;

/// <summary>What a message between the main process and a worker is.</summary>
internal enum FrameKind : byte
{
    /// <summary>To the worker: something to do. Number 0 is its <see cref="WorkerTask"/>.</summary>
    Question,
    /// <summary>To the worker: come to an end.</summary>
    Stop,
    /// <summary>From the worker: the answer to the question of that number; to number 0 an exit code.</summary>
    Answer,
    /// <summary>From the worker: text for standard output.</summary>
    Out,
    /// <summary>From the worker: text for standard error.</summary>
    Error,
    /// <summary>From the worker: it is there.</summary>
    Alive,
    /// <summary>From the worker: how it ends, in words.</summary>
    End,
    /// <summary>From the worker: how it ends if it does not live to say it better.</summary>
    Suspicion,
    /// <summary>No message: what came was none.</summary>
    Malformed,
}

/// <summary>One message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Of the question that it asks or answers.</param>
/// <param name="Body">The rest, by kind.</param>
internal sealed record Frame(FrameKind Kind, int Number, JsonElement Body)
{
    public static Frame Of<T>(FrameKind kind, int number, T body) =>
        new(kind, number, JsonSerializer.SerializeToElement(body));

    /// <exception cref="JsonException">It holds something else.</exception>
    public T Read<T>() => Body.ValueKind is not JsonValueKind.Undefined && Body.Deserialize<T>() is { } body
        ? body : throw new JsonException("nothing in it");
}

/// <summary>Messages over a pipe: the length in four bytes, then JSON.</summary>
internal sealed class FrameStream(Stream stream)
{
    private const int Longest = 1 << 28;

    private readonly Lock _gate = new();

    /// <exception cref="IOException">Nobody reads it.</exception>
    public void Write(Frame frame)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(frame);
        var whole = new byte[sizeof(int) + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(whole, content.Length);
        content.CopyTo(whole, sizeof(int));
        lock (_gate)
        {
            stream.Write(whole);
            stream.Flush();
        }
    }

    /// <returns>Null at the end.</returns>
    public Frame? Read()
    {
        try
        {
            var head = new byte[sizeof(int)];
            if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is <= 0 or > Longest)
            {
                return new(FrameKind.Malformed, 0, default);
            }

            var content = new byte[length];
            stream.ReadExactly(content);
            return JsonSerializer.Deserialize<Frame>(content) ?? new(FrameKind.Malformed, 0, default);
        }
        catch (JsonException)
        {
            return new(FrameKind.Malformed, 0, default);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }
}
