using System.Collections.Concurrent;

namespace UapiLab.Tests;

/// <summary>What several tests ask about is worked out once.</summary>
internal static class Once
{
    /// <returns>The same function, which remembers what it gave.</returns>
    public static Func<TKey, TValue> For<TKey, TValue>(Func<TKey, TValue> make)
        where TKey : notnull
    {
        var known = new ConcurrentDictionary<TKey, Lazy<TValue>>();
        return key => known.GetOrAdd(key, asked => new(() => make(asked))).Value;
    }
}
