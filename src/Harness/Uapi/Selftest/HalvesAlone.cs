using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Native;
using UapiLab.Harness.Uapi.Layout;

namespace UapiLab.Harness.Uapi.Selftest;

/// <summary>A call of an ioctl, and what the KVM half answers.</summary>
/// <param name="What">What is wrong with it, or that nothing is.</param>
/// <param name="Words">The argument, as 64-bit words.</param>
/// <param name="Answer">0, or minus an errno; null if KVM leaves its own memory by it.</param>
internal sealed record TriedCall(string What, IReadOnlyList<ulong> Words, long? Answer);

/// <summary>What the two halves of an encoding do where there is no guest: on real memory, with one vCPU.</summary>
internal sealed class HalvesAlone(Encoding encoding, int gfns)
{
    private const int Apfs = 4;
    private const uint EnableCap = 0xa3;

    /// <summary>Calls of an ioctl after the capabilities of the vCPU were enabled: a well-formed one of each operation,
    /// one with the lowest bit of each reserved field, and operations that there are not.</summary>
    public IEnumerable<TriedCall> Tried(IoctlSpec ioctl, UapiModel model)
    {
        ulong[] plain = [ioctl.WellFormed.W0, ioctl.WellFormed.W1, ioctl.WellFormed.W2, ioctl.WellFormed.W3];
        var isSelected = ioctl.Operations.Count > 0;
        if (isSelected && ioctl.OpOffset is < 0 or >= 32)
        {
            yield break;
        }

        ulong[] Of(uint operation) => isSelected ? With(plain, ioctl.OpOffset * 8, operation) : plain;
        foreach (var operation in isSelected ? ioctl.Operations.Select(o => o.Value) : [0])
        {
            var name = isSelected ? ioctl.Operations.First(o => o.Value == operation).Name + ", " : "";
            yield return Try(ioctl, name + "nothing set up", Of(operation));
        }

        var first = Of(isSelected ? ioctl.Operations[0].Value : 0);
        foreach (var field in Layouts.Place(model.Find(ioctl.Struct)!, Abi.X8664)!.Fields
            .Where(f => f.Field.MustBeZero && f.Offset < 32))
        {
            yield return Try(ioctl, $"{field.Path} not 0", With(first, field.Offset * 8, 1));
        }

        uint[] strangers = isSelected ? [0, ioctl.Operations.Max(o => o.Value) + 1] : [];
        foreach (var stranger in strangers.Where(s => ioctl.Operations.All(o => o.Value != s)))
        {
            yield return Try(ioctl, Invariant($"operation {stranger}"), Of(stranger));
        }
    }

    /// <summary>The words of the regions that both halves share per frame, once a page is armed, and again once its
    /// content is there.</summary>
    public IReadOnlyList<(RegionSpec Region, ulong[] Armed, ulong[] Placed)> States(Gfn gfn)
    {
        using var memory = new NativeRegions(encoding, vcpus: 1, gfns, Apfs);
        var half = encoding.VmmHalf<NativeWorld>();
        var world = new NativeWorld(memory, new(1, Apfs));
        var shared = encoding.Regions.Index()
            .Where(r => r.Item is { Owner: RegionOwner.Shared, Scope: RegionScope.PerGfn }).ToArray();
        ulong[][] Now() => [.. shared.Select(r => Enumerable.Range(0, (int)r.Item.Words(1, Apfs, gfns))
            .Select(word => memory.Read(r.Index, (ulong)word)).ToArray())];
        half.OnArm(world, new(gfn, 1, Prediction.Sync));
        var armed = Now();
        half.OnContentArrived(world, gfn);
        var placed = Now();
        return [.. shared.Select((r, n) => (r.Item, armed[n], placed[n]))];
    }

    private TriedCall Try(IoctlSpec ioctl, string what, ulong[] words)
    {
        using var memory = new NativeRegions(encoding, vcpus: 1, gfns, Apfs);
        var world = new NativeWorld(memory, new(1, Apfs));
        var half = encoding.KvmHalf<NativeWorld>();
        foreach (var capability in encoding.Description.Capabilities.Where(c => c.Enable == "vcpu"))
        {
            half.OnIoctl(world, new(0, EnableCap, new((ulong)capability.Number, 1)));
        }

        long answer;
        try
        {
            answer = half.OnIoctl(world, new(0, ioctl.Number, new(words[0], words[1], words[2], words[3])));
        }
        catch (ArgumentOutOfRangeException)
        {
            return new(what, words, Answer: null);
        }

        return answer > 0 ? throw new InputException(encoding.Description.FullName,
            Invariant($"expected 0 or an errno of {ioctl.Name}; its KVM half answers {answer}"))
            : new(what, words, answer);
    }

    private static ulong[] With(ulong[] words, int bit, ulong value)
    {
        var changed = words.ToArray();
        changed[bit / 64] |= value << (bit % 64);
        return changed;
    }
}
