using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Kvm;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>The words of one declared region, at their declared width, inside the machine's state block.</summary>
internal sealed class RegionStore
{
    private const int CacheLineBits = 512;

    private readonly Section<byte>? _bytes;
    private readonly Section<uint>? _words32;
    private readonly Section<ulong>? _words64;
    private readonly RecordKind[] _kinds;

    public RegionStore(RegionSpec spec, int id, MachineConfig config, StateBlock block)
    {
        Spec = spec;
        Id = id;
        _kinds = spec.Scope == RegionScope.PerGfn ? [RecordKind.Packed(id)]
            : spec.RecordHolds.Count > 0 ? [.. spec.RecordHolds.Select(RecordKind.Of)]
            : [RecordKind.Of(spec.Holds)];
        Name = spec.Name;
        Owner = spec.Owner;
        First = spec.Scope == RegionScope.PerGfn ? config.FirstGfn / (ulong)(spec.WordBits / spec.Count) : 0;
        var frames = (long)config.FirstGfn + config.Gfns;
        var words = spec.Words(config.Vcpus, config.Vcpus * KvmApf.SlotsPerVcpu(config), frames) - (long)First;
        Words = (ulong)words;
        switch (spec.WordBits)
        {
            case 8:
                _bytes = block.Reserve<byte>(words);
                break;
            case 32:
                _words32 = block.Reserve<uint>(words);
                break;
            case 64:
                _words64 = block.Reserve<ulong>(words);
                break;
            default:
                throw new EncodingDefectException($"region {spec.Name}: word width {spec.WordBits} is not 8, 32 or 64");
        }
    }

    public RegionSpec Spec { get; }

    /// <summary>Position among the encoding's regions.</summary>
    public int Id { get; }

    /// <summary>Whether it is not known what some word stands for.</summary>
    public bool IsOpaque => _kinds.Contains(RecordKind.Opaque);

    /// <summary>What a word read here stands for.</summary>
    public RecordKind KindOf(ulong index) => _kinds.Length == 1 ? _kinds[0] : _kinds[index % (ulong)_kinds.Length];

    /// <summary>Number of its first word among all words (<see cref="SharedMemory"/>).</summary>
    public int FirstLocation { get; set; }

    /// <summary>The bits of a word.</summary>
    public ulong Mask => ulong.MaxValue >> (64 - Spec.WordBits);

    public string Name { get; }

    public RegionOwner Owner { get; }

    /// <summary>Index of the first word that the machine has: those before it are of frames that the machine does not
    /// have.</summary>
    public ulong First { get; }

    /// <summary>Words from there on.</summary>
    public ulong Words { get; }

    /// <summary>Where its words are in the state block, and the size of one, bytes.</summary>
    public (long Offset, int Size) Place =>
        _words64 is not null ? (_words64.Offset, 8) : _words32 is not null ? (_words32.Offset, 4) : (_bytes!.Offset, 1);

    /// <summary>The cache line of a word. Bits of frames are packed as declared; of other regions the padding is not,
    /// so that each word has a line of its own, as the posted layouts give it to those that are written
    /// often.</summary>
    public CacheLine LineOf(ulong index) =>
        new(Id, (long)(Spec.Scope == RegionScope.PerGfn ? index / (ulong)(CacheLineBits / Spec.WordBits) : index));

    public ulong Read(ulong index) =>
        _words64 is not null ? _words64[(long)index] : _words32 is not null ? _words32[(long)index]
            : _bytes![(long)index];

    public void Write(ulong index, ulong value)
    {
        if (_words64 is not null)
        {
            _words64[(long)index] = value;
        }
        else if (_words32 is not null)
        {
            _words32[(long)index] = (uint)value;
        }
        else
        {
            _bytes![(long)index] = (byte)value;
        }
    }

    /// <summary>Moves and renames words of a region that is not per gfn.</summary>
    public void Rename(ReadOnlySpan<byte> before, Renaming names)
    {
        for (var i = 0; i < (int)Words; i++)
        {
            Write((ulong)names.WordOf(this, i), names.Value(ReadIn(before, i), KindOf((ulong)i)));
        }
    }

    /// <summary>Swaps frames of a per-gfn region whose words hold one frame or all.</summary>
    public void RenameFrames(int[] names, ReadOnlySpan<byte> before)
    {
        if (Spec.WordBits == Spec.Count)
        {
            for (var i = 0; i < (int)Words; i++)
            {
                Write((ulong)names[i], ReadIn(before, i));
            }

            return;
        }

        Write(0, RenameWord(ReadIn(before, 0), names));
    }

    /// <summary>One word of a per-gfn region with its frames swapped.</summary>
    public ulong RenameWord(ulong word, int[] names)
    {
        if (Spec.WordBits == Spec.Count)
        {
            return word;
        }

        var mask = (1UL << Spec.Count) - 1;
        var renamed = word;
        for (var frame = 0; frame < names.Length; frame++)
        {
            var to = names[frame] * Spec.Count;
            renamed = (renamed & ~(mask << to)) | ((word >> (frame * Spec.Count) & mask) << to);
        }

        return renamed;
    }

    private ulong ReadIn(ReadOnlySpan<byte> before, int index) =>
        _words64 is not null ? _words64.In(before)[index] : _words32 is not null ? _words32.In(before)[index]
            : _bytes!.In(before)[index];

    public void Fill(ulong first, ulong count, ulong value)
    {
        const ulong Chunk = 1 << 30; // a span counts in int
        for (var done = 0UL; done < count; done += Chunk)
        {
            var length = (int)Math.Min(Chunk, count - done);
            var start = (long)(first + done);
            _words64?.Span(start, length).Fill(value);
            _words32?.Span(start, length).Fill((uint)value);
            _bytes?.Span(start, length).Fill((byte)value);
        }
    }
}
