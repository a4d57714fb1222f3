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

    /// <summary>The same for so many ns at most.</summary>
    public static void SleepWhile(int* word, int value, double ns)
    {
        var patience = stackalloc long[2] { (long)(ns / 1e9), (long)(ns % 1e9) };
        Libc.Call(SystemCall.Futex, (nint)word, WaitPrivate, value, (nint)patience);
    }

    /// <summary>Sets the word, and wakes one that sleeps on it.</summary>
    public static void Set(int* word, int value)
    {
        Volatile.Write(ref *word, value);
        Wake(word);
    }

    /// <summary>Wakes one that sleeps on the word.</summary>
    public static void Wake(int* word) => Libc.Call(SystemCall.Futex, (nint)word, WakePrivate, 1);
}
