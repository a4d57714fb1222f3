using UapiLab.Abstractions;
using UapiLab.Harness.Native;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Uapi.Lint;

/// <summary>Calls the KVM half's ioctls with arguments that it should refuse. What a description promises is worth what
/// the code does.</summary>
internal sealed class IoctlProbe
{
    private const int CarriedBits = 256;
    private const int Apfs = 4;
    private readonly Encoding _encoding;
    private readonly UapiModel _model;

    private IoctlProbe(Encoding encoding, UapiModel model)
    {
        this._encoding = encoding;
        this._model = model;
    }

    /// <summary>Null where there is no encoding to try.</summary>
    public static IoctlProbe? Of(LintSubject subject) => subject.Encoding is { } encoding ? new(encoding, subject.Model)
        : null;

    /// <summary>Whether the operation, if there is one, lies within the bytes that an argument carries.</summary>
    public bool CanSelect(IoctlSpec ioctl) => ioctl.Operations.Count == 0 || ioctl.OpOffset is >= 0
        and < CarriedBits / 8;

    /// <summary>The answer to one ioctl on a vCPU with zeroed memory and no APF.</summary>
    private long Call(uint number, IoctlArgument argument)
    {
        using var memory = new NativeRegions(_encoding, vcpus: 1, gfns: 64, Apfs);
        var host = new NativeHost(1, Apfs);
        return _encoding.KvmHalf<NativeWorld>().OnIoctl(new(memory, host), new(0, number, argument));
    }

    /// <summary>The answers to an ioctl of this number with zeros, and with a well-formed request of each of
    /// these.</summary>
    public IEnumerable<long> AnswersTo(uint number, IEnumerable<IoctlSpec> ioctls) =>
        ioctls.Where(CanSelect).Select(ioctl => Argument(WellFormed(ioctl))).Prepend(default)
            .Select(argument => Call(number, argument));

    /// <summary>Bits of the argument that belong to reserved fields, with the field. An argument carries 32 bytes; what
    /// lies beyond cannot be tried.</summary>
    public IEnumerable<(string Field, int Bit)> ReservedBits(IoctlSpec ioctl) =>
        from structure in new[] { _model.Find(ioctl.Struct) }
        where structure is not null
        from field in Layouts.Place(structure, Abi.X8664)?.Fields ?? []
        where field.Field.MustBeZero
        from bit in Enumerable.Range(field.Offset * 8, field.Size * 8)
        where bit < CarriedBits
        select (field.Path, bit);

    /// <summary>Whether a request that is otherwise well formed is refused for this bit, and for nothing
    /// else.</summary>
    public bool Refuses(IoctlSpec ioctl, int bit) =>
        WellFormed(ioctl) is var words && Call(ioctl.Number, Argument(words)) != Errno.Invalid.Negated()
        && Call(ioctl.Number,
            Argument(With(words, bit / 64, words[bit / 64] | 1UL << (bit % 64)))) == Errno.Invalid.Negated();

    /// <summary>Whether a request that is otherwise well formed is refused for its operation.</summary>
    public bool RefusesOperation(IoctlSpec ioctl, uint operation) =>
        Call(ioctl.Number, Argument(WithOperation(new ulong[4], ioctl, operation))) == Errno.Invalid.Negated();

    private static ulong[] WellFormed(IoctlSpec ioctl)
    {
        ulong[] words = [ioctl.WellFormed.W0, ioctl.WellFormed.W1, ioctl.WellFormed.W2, ioctl.WellFormed.W3];
        return ioctl.Operations.Count == 0 ? words : WithOperation(words, ioctl, ioctl.Operations[0].Value);
    }

    private static ulong[] WithOperation(ulong[] words, IoctlSpec ioctl, uint operation) =>
        With(words, ioctl.OpOffset / 8, words[ioctl.OpOffset / 8] | (ulong)operation << (ioctl.OpOffset % 8 * 8));

    private static ulong[] With(ulong[] words, int index, ulong value)
    {
        var changed = words.ToArray();
        changed[index] = value;
        return changed;
    }

    private static IoctlArgument Argument(ulong[] words) => new(words[0], words[1], words[2], words[3]);
}
