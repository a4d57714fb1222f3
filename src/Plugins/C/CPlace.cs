using System.Globalization;
using System.Runtime.InteropServices;

namespace UapiLab.Plugins.C;

/// <summary>Which call of a half in C a thread makes now.</summary>
internal sealed unsafe class CPlace
{
    private static readonly ThreadLocal<CPlace> s_here = new(() => new());

    private Exception? _thrown;
    private NativePlace* _thrower;

    /// <summary>Of this thread.</summary>
    public static CPlace OfThread => s_here.Value!;

    /// <summary>Null outside of a half.</summary>
    public NativePlace* Now { get; set; }

    /// <summary>Of the last call of the function that returned last; null if it made none.</summary>
    public NativePlace* Last { get; set; }

    /// <summary>Keeps the place that an exception comes from, and catches nothing.</summary>
    public bool Leaves(Exception thrown)
    {
        if (!ReferenceEquals(_thrown, thrown))
        {
            _thrown = thrown;
            _thrower = Now;
        }

        return false;
    }

    /// <summary>As <see cref="Abstractions.ISourceLines.LineOf"/>.</summary>
    public string? LineOf(Exception? thrown)
    {
        for (var e = thrown; e is not null; e = e.InnerException)
        {
            if (e is HalfInCException half)
            {
                return half.Place;
            }

            if (ReferenceEquals(e, _thrown))
            {
                return Text(_thrower);
            }
        }

        return thrown is null ? Text(Now) : null;
    }

    /// <summary>"my-idea.c:31".</summary>
    public static string? Text(NativePlace* place) => place is null ? null
        : Path.GetFileName(Marshal.PtrToStringUTF8((nint)place->File)) + ":"
            + place->Line.ToString(CultureInfo.InvariantCulture);
}
