using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>What a recorded value stands for, in one byte, so that a record can be renamed
/// (<see cref="Renaming"/>).</summary>
internal readonly record struct RecordKind(byte Code)
{
    private const byte FirstPacked = 16;

    public static RecordKind Number => default;
    public static RecordKind Opaque => new(1);
    public static RecordKind Gfn => new(2);
    public static RecordKind GfnPlusOne => new(3);
    public static RecordKind Gpa => new(4);
    public static RecordKind Token => new(5);
    public static RecordKind Vcpu => new(6);
    public static RecordKind SlotPlusOne => new(7);

    /// <summary>A word of a per-gfn region: bits of several frames.</summary>
    public static RecordKind Packed(int region) => new(checked((byte)(FirstPacked + region)));

    public bool IsPacked => Code >= FirstPacked;

    public int Region => Code - FirstPacked;

    public static RecordKind Of(WordKind kind) => kind switch
    {
        WordKind.Number => Number,
        WordKind.GfnPlusOne => GfnPlusOne,
        WordKind.Gpa => Gpa,
        WordKind.Token => Token,
        WordKind.Vcpu => Vcpu,
        _ => Opaque,
    };
}
