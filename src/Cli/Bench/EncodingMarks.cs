using UapiLab.Abstractions;

namespace UapiLab.Cli.Bench;

/// <summary>A value type for each encoding that is measured. The compiler makes code of its own for each value type
/// that a generic class is used with, so what one encoding leads it to does not spoil the loops of another.</summary>
internal static class EncodingMarks
{
    private static readonly Dictionary<Encoding, Type> s_marks = new(ReferenceEqualityComparer.Instance);
    private static readonly Dictionary<Type, Encoding> s_encodings = [];

    /// <summary>The mark of an encoding; the same whenever it is asked for.</summary>
    public static Type Of(Encoding encoding)
    {
        lock (s_marks)
        {
            if (!s_marks.TryGetValue(encoding, out var mark))
            {
                mark = Nested(depth: s_marks.Count);
                s_marks.Add(encoding, mark);
                s_encodings.Add(mark, encoding);
            }

            return mark;
        }
    }

    /// <summary>The encoding that has this mark.</summary>
    public static Encoding Marked<TMark>()
        where TMark : struct
    {
        lock (s_marks)
        {
            return s_encodings[typeof(TMark)];
        }
    }

    private static Type Nested(int depth) =>
        depth == 0 ? typeof(byte) : typeof(Mark<>).MakeGenericType(Nested(depth - 1));

    private readonly struct Mark<T>;
}
