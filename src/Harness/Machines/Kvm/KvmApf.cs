using System.Diagnostics;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>
/// KVM's async page fault rules for one VM (virt/kvm/async_pf.c and arch/x86/kvm/x86.c; docs/model.md, rules A1 to
/// A15): when an APF can start and be delivered, its queue, token, done list, and the one-at-a-time page-ready event.
/// </summary>
internal sealed class KvmApf
{
    /// <summary>Steps of the counter between two faults of the frames that are modelled: an array of so many
    /// places, or of a divisor of it, has them share one. The last is up to where the counter wraps.</summary>
    private static readonly uint[] s_tokenSteps =
        [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 100, 128, 256, 512, 1000, 1024, 4096, 1 << 16, 1 << 19, 0];

    /// <summary>A token has room for 20 bits of the counter.</summary>
    private const uint LastCount = (1 << 20) - 1;

    private readonly Machine _machine;
    private readonly int _limit;
    private readonly int _slotsPerVcpu;

    /// <summary>The encoding's APFs are not in KVM's queue, but in one of its own beside it.</summary>
    private readonly bool _isBesideKvms;

    private readonly Section<ApfItem> _items;

    /// <summary>Slots in the order in which they were queued, per vCPU.</summary>
    private readonly Section<int> _queue;

    /// <summary>Ring of done slots, per vCPU. Twice the limit, since a careless encoding can append one
    /// twice.</summary>
    private readonly Section<int> _done;

    /// <summary>Room to normalise a done list in.</summary>
    private int[]? _ring;

    public KvmApf(Machine machine, StateBlock block)
    {
        this._machine = machine;
        _limit = machine.Config.ApfLimit;
        _slotsPerVcpu = SlotsPerVcpu(machine.Config);
        _isBesideKvms = machine.Encoding.Description.Duplicates.Count > 0;
        _items = block.Reserve<ApfItem>((long)machine.Config.Vcpus * _slotsPerVcpu);
        _queue = block.Reserve<int>((long)machine.Config.Vcpus * _slotsPerVcpu);
        _done = block.Reserve<int>((long)machine.Config.Vcpus * DonePerVcpu);
    }

    /// <summary>The limit, and one for the wake-all item, which occupies the queue but no hash entry (rule
    /// A12).</summary>
    public static int SlotsPerVcpu(MachineConfig config) => config.ApfLimit + 1;

    internal Section<ApfItem> Items => _items;
    internal Section<int> Queue => _queue;
    internal Section<int> DoneRing => _done;

    internal int SlotsEach => _slotsPerVcpu;

    internal int DonePerVcpu => (2 * _limit) + 2;

    /// <summary>Rule A18: an encoding with a queue of its own has a ready path of its own as well.</summary>
    public bool WarnsAtReady(int slot) => Item(slot).IsPrivate && !_isBesideKvms;

    public ref ApfItem Item(int slot) => ref _items[slot];

    public ApfRef Reference(int slot)
    {
        if (slot < 0)
        {
            return ApfRef.None;
        }

        ref var item = ref Item(slot);
        return new(slot, item.Token, _machine.GfnOf(item.Gfn));
    }

    /// <summary>Rule A1, kvm_can_do_async_pf. "HLT exiting disabled", a LAPIC in userspace, events that await
    /// re-injection and interrupt shadows are not modelled.</summary>
    public bool CanDo(int vcpu) => IsInterruptible(vcpu) || _machine.Config.Breaks(Rules.A1CanDo);

    private bool IsInterruptible(int vcpu) => !_machine.Vcpus[vcpu].PfPending && _machine.Guest.InterruptsOn(vcpu);

    /// <summary>Rule A2, kvm_can_deliver_async_pf. Nested guests are not modelled.</summary>
    public bool CanDeliver(int vcpu) =>
        _machine.Vcpus[vcpu].ApfEnabled && (MayInterruptMode(vcpu) || _machine.Config.Breaks(Rules.A2CanDeliver));

    private bool MayInterruptMode(int vcpu) => _machine.Config.SendAlways || !_machine.Guest.InKernelMode(vcpu);

    /// <summary>The vCPU's own hash: another vCPU's APF for the same frame does not count.</summary>
    public int FindByGfn(int vcpu, ulong gfn)
    {
        var queued = _machine.Vcpus[vcpu].Queued;
        for (var place = 0; place < queued; place++)
        {
            var slot = _queue[QueueIndex(vcpu, place)];
            if (Item(slot).Gfn == gfn && !Item(slot).WakeAll)
            {
                return slot;
            }
        }

        return _machine.Config.Broken == RuleSet.None ? -1 : FindStale(vcpu, gfn);
    }

    /// <summary>A frame that is in the hash alone, where rules Z2 or A17 are broken.</summary>
    private int FindStale(int vcpu, ulong gfn)
    {
        for (var slot = vcpu * _slotsPerVcpu; slot < (vcpu + 1) * _slotsPerVcpu; slot++)
        {
            if (Item(slot).Status == ApfStatus.Stale && Item(slot).Gfn == gfn)
            {
                return slot;
            }
        }

        return -1;
    }

    public int FindByToken(int vcpu, uint token)
    {
        var queued = _machine.Vcpus[vcpu].Queued;
        for (var place = 0; place < queued; place++)
        {
            var slot = _queue[QueueIndex(vcpu, place)];
            if (Item(slot).Token == token && !Item(slot).WakeAll)
            {
                return slot;
            }
        }

        return -1;
    }

    public int At(int vcpu, int place) => place < _machine.Vcpus[vcpu].Queued ? _queue[QueueIndex(vcpu, place)] : -1;

    /// <summary>Rules A3 and A4: the queue limit, and token = (counter &lt;&lt; 12) | vCPU id, never 0.</summary>
    /// <param name="vcpu">Whose.</param>
    /// <param name="gfn">Frame.</param>
    /// <param name="prefault">What is faulted in at ready time.</param>
    /// <param name="own">Whether KVM starts it of its own accord.</param>
    public int SetUp(int vcpu, ulong gfn, ulong prefault, bool own = false)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        _machine.Emit(MachineEventKind.KvmTryAsyncGetPage, vcpu, gfn);
        if (IsOutOfTokens(ref v))
        {
            return -1;
        }

        if (v.FaultIsOld)
        {
            _machine.Violate(ViolationKind.OldFault, vcpu, gfn);
        }

        var token = DrawToken(vcpu, ref v);
        if (v.Queued >= LimitFor(own))
        {
            _machine.Emit(MachineEventKind.ApfQueueFull, vcpu, gfn);
            return -1;
        }

        Debug.Assert(v.Queued < _slotsPerVcpu);
        var slot = FreeSlot(vcpu);
        Item(slot) = new ApfItem
        {
            Gfn = gfn,
            Prefault = prefault,
            Token = token,
            Status = ApfStatus.Queued,
            IsEncodings = !own && _machine.Config.UnmarkedGfns > 0,
            ForWrite = VcpuSteps.InFault(v.Step) && v.FaultAccess == AccessKind.Write,
            IsPrivate = VcpuSteps.InFault(v.Step) && v.FaultIsPrivate,
        };
        _queue[QueueIndex(vcpu, v.Queued)] = slot;
        v.Queued++;
        if (v.Queued > _limit)
        {
            _machine.Violate(ViolationKind.LimitExceeded, vcpu, gfn);
        }

        return slot;
    }

    private int LimitFor(bool own) => _machine.Config.Breaks(Rules.A3Limit)
        || (own && _machine.Config.Breaks(Rules.K6SharesQueue)) ? _limit + 1 : _limit;

    /// <summary>Only of what is queued: what is completed is delivered (<c>kvm-contract</c> says so where KVM is
    /// judged).</summary>
    public void Cancel(int vcpu, int slot)
    {
        if (Item(slot).Status == ApfStatus.Queued)
        {
            Remove(vcpu, slot);
        }
    }

    /// <summary>Rule A5: the shared area's flags word is written and the #PF queued, or the vCPU is made to
    /// halt.</summary>
    public bool InjectNotPresent(int vcpu, int slot)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        ref var item = ref Item(slot);
        _machine.Emit(MachineEventKind.KvmAsyncPfNotPresent, vcpu, item.Gfn, item.Token);
        item.Offered = true;
        if (!IsInterruptible(vcpu))
        {
            _machine.Violate(ViolationKind.IllegalInjection, vcpu, item.Gfn);
        }

        if (!CanDeliver(vcpu) || !_machine.Area.KvmCanAccess || IsRefused(vcpu))
        {
            v.RequestHalt |= !_machine.Config.Breaks(Rules.A5Halt);
            return false;
        }

        if (!MayInterruptMode(vcpu))
        {
            _machine.Violate(ViolationKind.IllegalInjection, vcpu, item.Gfn);
        }

        v.SharedFlags = 1;
        v.PfPending = true;
        v.PfToken = item.Token;
        v.PfGfn = item.Gfn;
        v.PfMarks = _machine.Memory.HasContent(item.Gfn) ? ApfMarks.Late : ApfMarks.None;
        item.Injected = true;
        if (_machine.Vmm.IsInFlight(vcpu))
        {
            _machine.Emit(MachineEventKind.ApfWhileInFlight, vcpu, item.Gfn);
        }

        return true;
    }

    /// <summary>Rule A17: the #PF is gone, and nothing else.</summary>
    public void DropNotPresent(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        v.PfPending = false;
        _machine.Emit(MachineEventKind.NotPresentDropped, vcpu, v.PfGfn, v.PfToken);
        if (_machine.Config.Breaks(Rules.A17KeepsApf) && FindByToken(vcpu, v.PfToken) is var slot and >= 0
            && Item(slot).Status == ApfStatus.Queued)
        {
            var gfn = Item(slot).Gfn;
            Remove(vcpu, slot);
            Item(slot) = new() { Gfn = gfn, Prefault = gfn, Status = ApfStatus.Stale };
        }
    }

    /// <summary>KVM's half is done on the vCPU's own thread: what it queued and neither offered, completed nor withdrew
    /// occupies the queue until it is cleared.</summary>
    public void ReportLeaks(int vcpu)
    {
        var queued = _machine.Vcpus[vcpu].Queued;
        for (var place = 0; place < queued; place++)
        {
            ref var item = ref Item(_queue[QueueIndex(vcpu, place)]);
            if (item is { Status: ApfStatus.Queued, Offered: false })
            {
                _machine.Violate(ViolationKind.LeakedApf, vcpu, item.Gfn);
            }
        }
    }

    /// <summary>KVM's half has been told that an APF is gone: what it allocated for it has to be gone too.</summary>
    public void ReportKeptMemory(int vcpu, int slot)
    {
        if (_machine.KeepsMemoryOf(slot))
        {
            _machine.Violate(ViolationKind.LeakedApf, vcpu, Item(slot).Gfn);
        }
    }

    /// <summary>The same for all, where the queue is cleared.</summary>
    public void ReportKeptMemory(int vcpu)
    {
        for (var slot = vcpu * _slotsPerVcpu; slot < (vcpu + 1) * _slotsPerVcpu; slot++)
        {
            ReportKeptMemory(vcpu, slot);
        }
    }

    private bool IsRefused(int vcpu)
    {
        if (_machine.Vm.RefusalsLeft == 0 || _machine.Choices.Choose(ChoiceKind.RefusedInjection, (ulong)vcpu, 2) == 0)
        {
            return false;
        }

        _machine.Vm.RefusalsLeft--;
        _machine.Emit(MachineEventKind.InjectionRefused, vcpu);
        return true;
    }

    /// <summary>Rule A6: a second toucher of a pending frame gets no second #PF; the whole vCPU halts.</summary>
    public void RepeatedFault(int vcpu)
    {
        var gfn = _machine.Vcpus[vcpu].FaultGfn;
        _machine.Emit(MachineEventKind.KvmTryAsyncGetPage, vcpu, gfn);
        _machine.Emit(MachineEventKind.KvmAsyncPfRepeatedFault, vcpu, gfn);
        // What is drawn here is given up; the lowest unused token stays that.
        if (!_machine.Config.KernelApf && !_isBesideKvms && !_machine.Config.RecyclesTokens
            && !IsOutOfTokens(ref _machine.Vcpus[vcpu]))
        {
            DrawToken(vcpu, ref _machine.Vcpus[vcpu]);
        }

        _machine.Vcpus[vcpu].RequestHalt |= !_machine.Config.Breaks(Rules.A6Halt);
    }

    /// <summary>The id is drawn before the queue-full test, so ids have gaps (seen in s13); the userfault series draws
    /// it before its duplicate test too, which stock KVM (seen in s10) and the RFC of 2024 do not.</summary>
    private uint DrawToken(int vcpu, ref VcpuState v)
    {
        if (_machine.Config.Breaks(Rules.A4Token))
        {
            return (1 << 12) | Id(vcpu);
        }

        if (_machine.Config.RecyclesTokens)
        {
            return _machine.LowestUnusedToken(vcpu);
        }

        v.TokenCounter += TokenStep(vcpu, ref v);
        if (v.TokenCounter << 12 == 0)
        {
            v.TokenCounter = 1;
        }

        return (v.TokenCounter << 12) | Id(vcpu);
    }

    /// <summary>Where a machine has only so many tokens: the counter may run on once, by the faults that other frames
    /// of the guest have meanwhile. Each of them is over. It wraps only while nothing is outstanding, since else KVM
    /// itself might draw a token twice.</summary>
    private uint TokenStep(int vcpu, ref VcpuState v)
    {
        if (_machine.Config.TokenDraws == 0 || v.TokensDrawn++ == 0 || v.TokensRanOn)
        {
            return 1;
        }

        var steps = s_tokenSteps.Length - (Outstanding(vcpu) == 0 ? 0 : 1);
        var step = s_tokenSteps[_machine.Choices.Choose(ChoiceKind.TokenStep, (ulong)vcpu, steps)];
        v.TokensRanOn = step != 1;
        return step == 0 ? LastCount - v.TokenCounter : step;
    }

    /// <summary>kvm_setup_async_pf finds no memory for the item.</summary>
    private bool IsOutOfTokens(ref VcpuState v) =>
        _machine.Config.TokenDraws > 0 && v.TokensDrawn >= _machine.Config.TokenDraws;

    private uint Id(int vcpu) => (uint)(_machine.Config.FirstVcpuId + vcpu);

    /// <summary>Rules A7 and A8: append to the done list; if it was empty ask for delivery, with a kick unless an ACK
    /// is coming anyway; and wake a halted vCPU, whose done list now makes it runnable.</summary>
    public void Complete(int vcpu, int slot)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        ref var item = ref Item(slot);
        _machine.Emit(MachineEventKind.KvmAsyncPfCompleted, vcpu, item.Gfn, item.Token);
        if (v.DoneCount == DonePerVcpu)
        {
            _machine.Violate(ViolationKind.LimitExceeded, vcpu, item.Gfn);
            return;
        }

        _done[DoneIndex(vcpu, v.DoneHead + v.DoneCount)] = slot;
        v.DoneCount++;
        if (item.Status == ApfStatus.Queued)
        {
            item.Status = ApfStatus.Done;
        }

        if (v.DoneCount == 1)
        {
            v.RequestReady |= !_machine.Config.Breaks(Rules.A7Request);
            if (!v.PageReadyPending)
            {
                if (v.Step == VcpuStep.GuestComputing)
                {
                    _machine.Clock.Spend(Cost.Kick);
                }

                _machine.Kick(vcpu);
            }
        }

        _machine.WakeHalted(vcpu);
    }

    /// <summary>The APF that was appended last goes before the others that KVM has not looked at: for one who learns of
    /// an append only by its delivery.</summary>
    public void MoveLastDoneToFront(int vcpu, int others)
    {
        var head = _machine.Vcpus[vcpu].DoneHead;
        var last = _done[DoneIndex(vcpu, head + others)];
        for (var place = others; place > 0; place--)
        {
            _done[DoneIndex(vcpu, head + place)] = _done[DoneIndex(vcpu, head + place - 1)];
        }

        _done[DoneIndex(vcpu, head)] = last;
    }

    /// <summary>Rule A9: without PV APF always; with it only while the shared token word reads 0.</summary>
    public bool CanDequeue(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        return !v.ApfEnabled
            || ((v.SharedToken == 0 || _machine.Config.Breaks(Rules.A9OneAtATime)) && _machine.Area.KvmCanAccess);
    }

    /// <summary>Takes the oldest done APF; a slot that was delivered before is a defect of the encoding (a double
    /// list_add in the kernel), reported as an unmatched ready.</summary>
    public bool TryPopDone(int vcpu, out int slot)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        slot = -1;
        if (v.DoneCount == 0 || !CanDequeue(vcpu))
        {
            return false;
        }

        slot = _done[DoneIndex(vcpu, v.DoneHead)];
        v.DoneHead = (v.DoneHead + 1) % DonePerVcpu;
        v.DoneCount--;
        return true;
    }

    /// <summary>Rule A10, kvm_arch_async_page_present: token and interrupt if the not-present was injected, and always
    /// un-halt.</summary>
    public void Present(int vcpu, int slot)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        ref var item = ref Item(slot);
        if (item.Status != ApfStatus.Done)
        {
            _machine.Violate(ViolationKind.UnmatchedReady, vcpu, item.Gfn);
            return;
        }

        var token = item.WakeAll ? uint.MaxValue : item.Token;
        _machine.Emit(MachineEventKind.KvmAsyncPfReady, vcpu, item.Gfn, token);
        if (!item.WakeAll && !_machine.Memory.HasContent(item.Gfn))
        {
            _machine.Emit(MachineEventKind.ReadyWithoutPage, vcpu, item.Gfn);
        }

        if ((item.WakeAll || item.Injected || _machine.Config.Breaks(Rules.A10OnlyIfInjected)) && v.ApfEnabled)
        {
            v.SharedToken = token;
            v.PageReadyPending = true;
            v.IrqPending |= !_machine.Vm.VectorIsLost;
        }

        if (!_machine.Config.Breaks(Rules.A10Unhalt))
        {
            v.ApfHalted = false;
            v.GuestHlt = false;
        }

        if (item.WakesAgain)
        {
            item.WakesAgain = false;
            PutBack(vcpu, slot);
            return;
        }

        Remove(vcpu, slot);
    }

    /// <summary>What was taken from the done list last is its first again.</summary>
    private void PutBack(int vcpu, int slot)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        v.DoneHead = (v.DoneHead + DonePerVcpu - 1) % DonePerVcpu;
        v.DoneCount++;
        _done[DoneIndex(vcpu, v.DoneHead)] = slot;
    }

    /// <summary>Whether the not-present that is about to be seen has its ready event queued already.</summary>
    public bool ReadyIsQueued(int vcpu, uint token)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        if (v.SharedToken == token)
        {
            return true;
        }

        for (var i = 0; i < v.DoneCount; i++)
        {
            if (Item(_done[DoneIndex(vcpu, v.DoneHead + i)]).Token == token)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Rule A12: enabling APF queues a wake-all item, so the first ready interrupt carries token ~0. An
    /// encoding's queue beside KVM's gets one too, which KVM comes to after its own: here it is one item that is
    /// delivered twice.</summary>
    public void Enable(int vcpu)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        v.ApfEnabled = true;
        if (v.DoneCount != 0 || _machine.Config.Breaks(Rules.A12WakeAll))
        {
            return;
        }

        var slot = FreeSlot(vcpu);
        Item(slot) = new ApfItem
        {
            Token = uint.MaxValue,
            Status = ApfStatus.Done,
            WakeAll = true,
            WakesAgain = _isBesideKvms,
        };
        _queue[QueueIndex(vcpu, v.Queued++)] = slot;
        _done[DoneIndex(vcpu, v.DoneHead)] = slot;
        v.DoneCount = 1;
        v.RequestReady = true;
    }

    /// <summary>Rule A14: clearing the queue forgets every APF; none of them will be delivered. Whether an ACK is due
    /// stays as it is.</summary>
    public void Clear(int vcpu, QueueClearReason reason)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        v.ApfEnabled &= reason == QueueClearReason.PagingToggled;
        if (_machine.Config.Breaks(Rules.A14Clear)
            || (reason == QueueClearReason.Reset && _machine.Config.Breaks(Rules.Z1ClearsQueue)))
        {
            return;
        }

        if (v.Queued > 0 && !v.Resetting)
        {
            _machine.Emit(MachineEventKind.ApfDropped, vcpu, 0, (ulong)v.Queued);
        }

        var leavesHash = reason == QueueClearReason.Reset && _machine.Config.Breaks(Rules.Z2ResetsHash);
        var isAckDue = v.PageReadyPending;
        Forget(vcpu, leavesHash ? ApfStatus.Stale : ApfStatus.Free);
        v.PageReadyPending = isAckDue;
    }

    /// <summary>APFs that a task or vCPU waits for: the wake-all item is none.</summary>
    public int Outstanding(int vcpu)
    {
        var count = 0;
        for (var place = 0; place < _machine.Vcpus[vcpu].Queued; place++)
        {
            count += Item(_queue[QueueIndex(vcpu, place)]).WakeAll ? 0 : 1;
        }

        return count;
    }

    /// <summary>The queue as KVM creates it.</summary>
    public void Forget(int vcpu, ApfStatus left = ApfStatus.Free)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        v.Queued = 0;
        v.DoneCount = 0;
        v.PageReadyPending = false;
        for (var i = 0; i < _slotsPerVcpu; i++)
        {
            ref var item = ref _items[(vcpu * _slotsPerVcpu) + i];
            item = left == ApfStatus.Free || item.WakeAll || item.Status == ApfStatus.Free
                ? item with { Status = ApfStatus.Free }
                : new() { Gfn = item.Gfn, Prefault = item.Gfn, Status = left };
        }
    }

    /// <summary>See <see cref="Normalisation"/>: the done ring starts at 0, and unused places are zero.</summary>
    public void Normalise()
    {
        for (var vcpu = 0; vcpu < _machine.Config.Vcpus; vcpu++)
        {
            Normalise(vcpu);
        }
    }

    /// <summary>See <see cref="Normalisation.ApplySince"/>.</summary>
    internal void NormaliseSince(ReadOnlySpan<byte> before, int vcpu, bool isVcpuAsBefore)
    {
        if (!(isVcpuAsBefore || ListsOf(_machine.Vcpus[vcpu]) == ListsOf(_machine.Vcpus.In(before)[vcpu]))
            || !_items.IsAsIn(before, (long)vcpu * _slotsPerVcpu, _slotsPerVcpu)
            || !_queue.IsAsIn(before, QueueIndex(vcpu, 0), _slotsPerVcpu)
            || !_done.IsAsIn(before, DoneIndex(vcpu, 0), DonePerVcpu))
        {
            Normalise(vcpu);
        }
    }

    private void Normalise(int vcpu)
    {
        var ring = _ring ??= new int[DonePerVcpu];
        ref var v = ref _machine.Vcpus[vcpu];
        for (var i = 0; i < v.DoneCount; i++)
        {
            ring[i] = _done[DoneIndex(vcpu, v.DoneHead + i)];
        }

        v.DoneHead = 0;
        var done = _done.Span(DoneIndex(vcpu, 0), ring.Length);
        ring.AsSpan(0, v.DoneCount).CopyTo(done);
        done[v.DoneCount..].Fill(-1);
        _queue.Span(QueueIndex(vcpu, v.Queued), _slotsPerVcpu - v.Queued).Fill(-1);
        for (var slot = vcpu * _slotsPerVcpu; slot < (vcpu + 1) * _slotsPerVcpu; slot++)
        {
            ref var item = ref Item(slot);
            if (item.Status == ApfStatus.Free && !IsReferenced(ref v, slot))
            {
                item = StateTable<ApfItem>.Dead;
                continue;
            }

            var ofFrame = item.WakeAll ? ApfLive.Never : ApfLive.OfFrame;
            StateTable<ApfItem>.Clear(ref item, (int)(ApfLive.InUse | ofFrame));
        }
    }

    /// <summary>What of a vCPU decides on the normal form of its queue.</summary>
    private static (int, int, int, int) ListsOf(in VcpuState v) => (v.Queued, v.DoneHead, v.DoneCount, ReadySlotOf(v));

    /// <summary>The slot that is being delivered; -1 if none is.</summary>
    private static int ReadySlotOf(in VcpuState v) => VcpuSteps.InReady(v.Step) ? v.ReadySlot : -1;

    private bool IsReferenced(ref VcpuState v, int slot)
    {
        if (ReadySlotOf(v) == slot)
        {
            return true;
        }

        for (var i = 0; i < v.DoneCount; i++)
        {
            if (_done[DoneIndex(slot / _slotsPerVcpu, i)] == slot)
            {
                return true; // delivered, and yet on the list: what a double READY leaves behind
            }
        }

        return false;
    }

    private int FreeSlot(int vcpu)
    {
        var first = vcpu * _slotsPerVcpu;
        for (var i = 0; i < _slotsPerVcpu; i++)
        {
            if (_items[first + i].Status == ApfStatus.Free)
            {
                return first + i;
            }
        }

        for (var i = 0; i < _slotsPerVcpu; i++)
        {
            if (_items[first + i].Status == ApfStatus.Stale)
            {
                return first + i;
            }
        }

        throw new InvalidOperationException("an APF queue below its limit has no free slot");
    }

    private void Remove(int vcpu, int slot)
    {
        ref var v = ref _machine.Vcpus[vcpu];
        for (var place = 0; place < v.Queued; place++)
        {
            if (_queue[QueueIndex(vcpu, place)] == slot)
            {
                for (; place < v.Queued - 1; place++)
                {
                    _queue[QueueIndex(vcpu, place)] = _queue[QueueIndex(vcpu, place + 1)];
                }

                v.Queued--;
                break;
            }
        }

        Item(slot).Status = ApfStatus.Free;
    }

    private long QueueIndex(int vcpu, int place) => ((long)vcpu * _slotsPerVcpu) + place;

    private long DoneIndex(int vcpu, int place) => ((long)vcpu * DonePerVcpu) + (place % DonePerVcpu);
}
