using UapiLab.Abstractions;

namespace UapiLab.Cli.Bench;

/// <summary>A value type for each encoding that is measured. The compiler makes code of its own for each value type that a
/// generic class is used with, so what one encoding leads it to does not spoil the loops of another.</summary>
internal static class EncodingMarks
{
    private static readonly Dictionary<Encoding, Type> Marks = new(ReferenceEqualityComparer.Instance);
    private static readonly Dictionary<Type, Encoding> Encodings = [];

    /// <summary>The mark of an encoding; the same whenever it is asked for.</summary>
    public static Type Of(Encoding encoding)
    {
        lock (Marks)
        {
            if (!Marks.TryGetValue(encoding, out var mark))
            {
                mark = Nested(depth: Marks.Count);
                Marks.Add(encoding, mark);
                Encodings.Add(mark, encoding);
            }

            return mark;
        }
    }

    /// <summary>The encoding that has this mark.</summary>
    public static Encoding Marked<TMark>()
        where TMark : struct
    {
        lock (Marks)
        {
            return Encodings[typeof(TMark)];
        }
    }

    private static Type Nested(int depth) => depth == 0 ? typeof(byte) : typeof(Mark<>).MakeGenericType(Nested(depth - 1));

    private readonly struct Mark<T>;
}
