using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>The words of one declared region, at their declared width, inside the machine's state block.</summary>
internal sealed class RegionStore
{
    private readonly Section<byte>? bytes;
    private readonly Section<uint>? words32;
    private readonly Section<ulong>? words64;

    public RegionStore(RegionSpec spec, MachineShape shape, StateBlock block)
    {
        Name = spec.Name;
        Owner = spec.Owner;
        var words = spec.Words(shape.Vcpus, shape.Vcpus * KvmApf.SlotsPerVcpu(shape), shape.Gfns);
        Words = (ulong)words;
        switch (spec.WordBits)
        {
            case 8:
                bytes = block.Reserve<byte>(words);
                break;
            case 32:
                words32 = block.Reserve<uint>(words);
                break;
            case 64:
                words64 = block.Reserve<ulong>(words);
                break;
            default:
                throw new EncodingDefectException($"region {spec.Name}: word width {spec.WordBits} is not 8, 32 or 64");
        }
    }

    public string Name { get; }

    public RegionOwner Owner { get; }

    public ulong Words { get; }

    public ulong Read(ulong index) =>
        words64 is not null ? words64[(long)index] : words32 is not null ? words32[(long)index] : bytes![(long)index];

    public void Write(ulong index, ulong value)
    {
        if (words64 is not null)
        {
            words64[(long)index] = value;
        }
        else if (words32 is not null)
        {
            words32[(long)index] = (uint)value;
        }
        else
        {
            bytes![(long)index] = (byte)value;
        }
    }

    public void Fill(ulong first, ulong count, ulong value)
    {
        const ulong Chunk = 1 << 30; // a span counts in int
        for (var done = 0UL; done < count; done += Chunk)
        {
            var length = (int)Math.Min(Chunk, count - done);
            var start = (long)(first + done);
            words64?.Span(start, length).Fill(value);
            words32?.Span(start, length).Fill((uint)value);
            bytes?.Span(start, length).Fill((byte)value);
        }
    }
}
