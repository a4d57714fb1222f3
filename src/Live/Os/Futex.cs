namespace UapiLab.Live.Os;

/// <summary>A word that threads of this process sleep on.</summary>
internal static unsafe class Futex
{
    private const int WaitPrivate = 128;
    private const int WakePrivate = 129;

    /// <summary>Sleeps until the word is another one than that.</summary>
    public static void SleepWhile(int* word, int value)
    {
        while (Volatile.Read(ref *word) == value)
        {
            Libc.Call(SystemCall.Futex, (nint)word, WaitPrivate, value);
        }
    }

    /// <summary>Sets the word, and wakes one that sleeps on it.</summary>
    public static void Set(int* word, int value)
    {
        Volatile.Write(ref *word, value);
        Libc.Call(SystemCall.Futex, (nint)word, WakePrivate, 1);
    }
}
