using System.Numerics;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Guest;

/// <summary>
/// Guest memory as it really is: whether each frame has its content (ground truth, apart from any encoding's state),
/// the stage-2 entries, the per-vCPU TLBs, and the memslot's userfault flag.
/// </summary>
internal sealed class GuestMemory
{
    private const byte Present = 1;
    private const byte Writable = 2;
    private const byte Private = 4;
    private const long HugePageFrames = 512;
    private const ulong TlbWritable = 1UL << 63;

    private readonly Machine _machine;
    private readonly Section<byte> _content;
    private readonly Section<byte> _stage2;
    private readonly Section<ulong> _tlb;
    private readonly int _tlbMask;

    public GuestMemory(Machine machine, StateBlock block)
    {
        this._machine = machine;
        var config = machine.Config;
        if (!BitOperations.IsPow2(config.TlbEntries))
        {
            throw new ArgumentException("TLB entries must be a power of two");
        }

        _content = block.Reserve<byte>(config.Gfns);
        _stage2 = block.Reserve<byte>(config.Gfns);
        _tlb = block.Reserve<ulong>((long)config.Vcpus * config.TlbEntries);
        _tlbMask = config.TlbEntries - 1;
    }

    internal Section<byte> Content => _content;
    internal Section<byte> Stage2 => _stage2;
    internal Section<ulong> Tlb => _tlb;

    /// <summary>Ground truth: the host's page tables and statistics know it whatever a thread may see.</summary>
    public bool HasContent(ulong gfn) => _content[(long)gfn] != 0;

    /// <summary>Rule P4: KVM's own access has put a page there, which is not the content.</summary>
    public void Fill(ulong gfn) => _machine.Vm.KvmFrames |= 1 << (int)gfn;

    /// <summary>Whether a page of KVM's is there, over which the VMM has not written yet.</summary>
    public bool IsFilled(ulong gfn) =>
        gfn < MachineConfig.MostTrackedGfns && (_machine.Vm.KvmFrames >> (int)gfn & 1) != 0;

    /// <summary>The page holds its content, or is gone.</summary>
    public void ForgetFilled(ulong gfn)
    {
        if (IsFilled(gfn))
        {
            _machine.Vm.KvmFrames &= ~(1 << (int)gfn);
        }
    }

    /// <summary>The gfn's memory attribute.</summary>
    public bool IsPrivate(ulong gfn) =>
        gfn < MachineConfig.MostTrackedGfns && (_machine.Vm.PrivateFrames >> (int)gfn & 1) != 0;

    /// <summary>Rule F9: KVM_SET_MEMORY_ATTRIBUTES.</summary>
    public void Convert(ulong gfn)
    {
        _machine.Vm.PrivateFrames ^= 1 << (int)gfn;
        _machine.Emit(MachineEventKind.PageConverted, -1, gfn, IsPrivate(gfn) ? 1UL : 0);
        if (!_machine.Config.Breaks(Rules.F9Converts))
        {
            Unmap(gfn);
        }
    }

    /// <summary>Whether the frame is mapped as what it no longer is.</summary>
    public bool IsMappedAsOther(ulong gfn) => IsMapped(gfn) && (_stage2[(long)gfn] & Private) != 0 != IsPrivate(gfn);

    public void Discard(ulong gfn)
    {
        ForgetFilled(gfn);
        _machine.SharedMemory.SetContent(_machine.CurrentActor, gfn, there: false);
        _machine.Emit(MachineEventKind.PageDiscarded, -1, gfn);
        if (!_machine.Config.Breaks(Rules.M6Discard))
        {
            Unmap(gfn);
        }
    }

    /// <summary>The VMM was told that it will hear of the first write.</summary>
    public void TrackWrites(ulong gfn) => _machine.Vm.TrackedFrames |= 1 << (int)gfn;

    /// <summary>The VMM has heard of it.</summary>
    public void NoteWrite(int actor, ulong gfn)
    {
        if (IsTracked(gfn))
        {
            _machine.Vm.TrackedFrames &= ~(1 << (int)gfn);
            _machine.Emit(MachineEventKind.WriteSeen, actor < _machine.Config.Vcpus ? actor : -1, gfn);
        }
    }

    /// <summary>Whether a write to the frame now would be one the VMM never heard of.</summary>
    public bool IsTracked(ulong gfn) =>
        gfn < MachineConfig.MostTrackedGfns && (_machine.Vm.TrackedFrames >> (int)gfn & 1) != 0;

    /// <summary>Another process with another KVM: no page has its content, and nothing is mapped.</summary>
    public void LoseAll()
    {
        _content.Span(0, checked((int)_content.Count)).Clear();
        _stage2.Span(0, checked((int)_stage2.Count)).Clear();
        _machine.Vm.KvmFrames = 0;
        FlushAll();
    }

    /// <summary>A guest access that may hit. x86 caches no not-present translation, but may hold stale rights (rule
    /// M3).</summary>
    public GuestAccessResult Access(int vcpu, ulong gfn, bool write)
    {
        ref var entry = ref _tlb[((long)vcpu * _machine.Config.TlbEntries) + (long)(gfn & (ulong)_tlbMask)];
        var cached = (entry & ~TlbWritable) == gfn + 1;
        if (cached && (!write || (entry & TlbWritable) != 0))
        {
            return GuestAccessResult.Hit;
        }

        var rights = _stage2[(long)gfn];
        var allowed = (rights & Present) != 0 && (!write || (rights & Writable) != 0);
        if (cached && allowed && _machine.Config.StaleTlb == StaleTlbBehaviour.Fault)
        {
            entry = 0; // taking the fault drops the stale entry
            return GuestAccessResult.SpuriousFault;
        }

        if (!allowed)
        {
            return GuestAccessResult.Fault;
        }

        entry = (gfn + 1) | ((rights & Writable) != 0 ? TlbWritable : 0);
        return cached ? GuestAccessResult.HitAfterRewalk : GuestAccessResult.Hit;
    }

    /// <summary>Whether a mapping is of 4 KiB (rule M2): while userfault is on, and where the host's own pages
    /// are.</summary>
    public bool MapsSmallPages => (_machine.Vm.Userfault || _machine.Config.HasSmallHostPages)
        && !_machine.Config.Breaks(Rules.M2SmallPages);

    /// <summary>Installs a stage-2 entry, of 4 KiB or for the whole 2 MiB block.</summary>
    public void Map(ulong gfn, bool writable, bool isPrivate = false)
    {
        _machine.Driver.Mapped(gfn, writable);
        if (MapsSmallPages)
        {
            _stage2[(long)gfn] = (byte)(Present | (writable ? Writable : 0) | (isPrivate ? Private : 0));
            return;
        }

        var first = (long)gfn / HugePageFrames * HugePageFrames;
        var length = (int)Math.Min(HugePageFrames, _stage2.Count - first);
        _stage2.Span(first, length).Fill(Present | Writable);
    }

    public bool IsMapped(ulong gfn) => _stage2[(long)gfn] != 0;

    /// <summary>Turning the flag on zaps the slot; turning it off lets huge pages come back (rule M5). Bits set in a
    /// page that is mapped mean nothing until such a zap.</summary>
    public void SetUserfault(bool on)
    {
        var was = _machine.Vm.Userfault;
        _machine.Vm.Userfault = on;
        _machine.Emit(MachineEventKind.MemslotChanged, -1, 0, on ? 1UL : 0);
        for (var vcpu = 0; !on && vcpu < _machine.Config.Vcpus && _machine.Config.Breaks(Rules.M7KeepsQueue); vcpu++)
        {
            _machine.Apf.Clear(vcpu, QueueClearReason.PagingToggled);
        }

        if (on && !was && !_machine.Config.Breaks(Rules.M5Zap))
        {
            for (long start = 0; start < _stage2.Count; start += 1 << 30)
            {
                _stage2.Span(start, (int)Math.Min(1 << 30, _stage2.Count - start)).Clear();
            }

            FlushAll();
        }
    }

    /// <summary>See <see cref="Normalisation"/>: a cached translation that says what the tables say is as good as none,
    /// since KVM flushes where it takes rights away.</summary>
    public void Normalise()
    {
        for (long i = 0; i < _tlb.Count; i++)
        {
            ref var entry = ref _tlb[i];
            var gfn = (entry & ~TlbWritable) - 1;
            if (entry != 0 && (_stage2[(long)gfn] & Present) != 0
                && ((_stage2[(long)gfn] & Writable) != 0) == ((entry & TlbWritable) != 0))
            {
                entry = 0;
            }
        }
    }

    private void Unmap(ulong gfn)
    {
        if (_stage2[(long)gfn] == 0)
        {
            _machine.Vm.InvalidateSequence++; // a fault that is about to map the frame must notice
            return;
        }

        _stage2[(long)gfn] = 0;
        FlushAll();
    }

    /// <summary>Remote TLB flush at the end of an invalidation, and the sequence that makes a concurrent fault
    /// retry.</summary>
    private void FlushAll()
    {
        _machine.Vm.InvalidateSequence++;
        _tlb.Span(0, checked((int)_tlb.Count)).Clear();
    }
}

/// <summary>Outcome of a guest access.</summary>
internal enum GuestAccessResult : byte { Hit, HitAfterRewalk, SpuriousFault, Fault }
