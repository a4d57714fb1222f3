namespace UapiLab.Testing.Cases;

/// <summary>Smaller lists first, then smaller elements.</summary>
internal static class Shrinking
{
    public static IEnumerable<IReadOnlyList<T>> Of<T>(IReadOnlyList<T> list, Func<T, IEnumerable<T>> element)
    {
        for (var length = (list.Count + 1) / 2; length > 0; length /= 2)
        {
            for (var from = 0; from + length <= list.Count; from += length)
            {
                yield return [.. list.Take(from), .. list.Skip(from + length)];
            }
        }

        for (var i = 0; i < list.Count; i++)
        {
            foreach (var smaller in element(list[i]))
            {
                yield return [.. list.Take(i), smaller, .. list.Skip(i + 1)];
            }
        }
    }

    /// <summary>Towards 0.</summary>
    public static IEnumerable<int> Of(int value)
    {
        if (value != 0)
        {
            yield return 0;
        }

        if (value > 2)
        {
            yield return value / 2;
        }

        if (value > 1)
        {
            yield return value - 1;
        }
    }
}
