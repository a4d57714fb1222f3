using System.Globalization;
using System.Numerics;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>A named place in the state of a machine.</summary>
/// <param name="Name">"vcpu0.PfPending", "stage2[gfn 1]".</param>
/// <param name="Offset">Bytes from the start of the state.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Text">How its value is written.</param>
/// <param name="IsShown">Whether a reader of a history wants to know that it changed.</param>
internal sealed record StateField(string Name, int Offset, int Size, Func<ulong, string> Text, bool IsShown)
{
    /// <summary>The value in a state, as written.</summary>
    public string In(ReadOnlySpan<byte> state)
    {
        ulong value = 0;
        for (var i = Size - 1; i >= 0; i--)
        {
            value = value << 8 | state[Offset + i];
        }

        return Text(value);
    }
}

/// <summary>How values are written.</summary>
internal static class ValueText
{
    public const string None = "-";

    public static string Hex(ulong value) =>
        value == ulong.MaxValue ? None : "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    public static string YesNo(ulong value) => value != 0 ? "yes" : "no";

    /// <summary>A number; a frame that is none reads <see cref="None"/>.</summary>
    public static string Number(ulong value) =>
        value == Normalisation.NoFrame ? None : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A position, -1 = none.</summary>
    public static Func<ulong, string> Index(Func<int, string> name) => value => (int)value < 0 ? None
        : name((int)value);

    /// <summary>A position plus one, 0 = none.</summary>
    public static Func<ulong, string> IndexPlusOne(Func<int, string> name) => value => (int)value <= 0 ? None
        : name((int)value - 1);

    /// <summary>What is said of a type where nothing is said of the field.</summary>
    public static Func<ulong, string> Of(Type type) =>
        type == typeof(bool) ? YesNo
        : type.IsEnum ? value => Named(type, value)
        : type == typeof(int) ? value => ((int)value).ToString(CultureInfo.InvariantCulture)
        : type == typeof(long) ? value => ((long)value).ToString(CultureInfo.InvariantCulture)
        : Number;

    public static string Stage2(ulong rights) => (rights & 1) == 0 ? None : (rights & 2) == 0 ? "read-only"
        : "writable";

    public static string Tlb(ulong entry) => entry == 0 ? None
        : string.Create(CultureInfo.InvariantCulture,
            $"gfn {(entry & ~(1UL << 63)) - 1}, {(entry >> 63 != 0 ? "writable" : "read-only")}");

    public static string Book(ulong entry) => (int)entry switch
    {
        -1 => "arrived",
        0 => None,
        var fetch => string.Create(CultureInfo.InvariantCulture, $"fetch{fetch - 1}"),
    };

    private static string Named(Type type, ulong value) =>
        Enum.ToObject(type, value) is var named
            && (Enum.IsDefined(type, named) || type.IsDefined(typeof(FlagsAttribute), false))
        ? named.ToString()! : None;
}
