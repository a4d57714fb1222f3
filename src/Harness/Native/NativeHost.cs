using UapiLab.Abstractions;

namespace UapiLab.Harness.Native;

/// <summary>
/// The least of KVM and VMM around a native run: an APF queue per vCPU, locks, waiters, and always a guest that can
/// take an event. It measures the words of an encoding, not KVM.
/// </summary>
public sealed class NativeHost
{
    private readonly Apf[] _queue;
    private readonly int[] _locks;
    private readonly uint[] _counters;
    private readonly Dictionary<ulong, Queue<Waiter>> _waiters = [];
    private readonly Func<int, uint, IoctlArgument, long>? _ioctl;
    private volatile int _waiting;

    /// <summary>Builds it.</summary>
    /// <param name="vcpus">vCPUs.</param>
    /// <param name="apfLimit">APFs per vCPU.</param>
    /// <param name="ioctl">Runs the KVM half for an ioctl of the VMM half; without it every ioctl is -EINVAL.</param>
    public NativeHost(int vcpus, int apfLimit = 64, Func<int, uint, IoctlArgument, long>? ioctl = null)
    {
        ApfLimit = apfLimit;
        this._ioctl = ioctl;
        _queue = new Apf[vcpus * apfLimit];
        _locks = new int[vcpus * 2];
        _counters = new uint[vcpus];
    }

    /// <summary>APFs that may be queued per vCPU.</summary>
    public int ApfLimit { get; }

    /// <summary>APFs completed so far; they are freed at once.</summary>
    public int Completed { get; private set; }

    internal ApfRef Find(int vcpu, Func<Apf, ulong, bool> match, ulong key)
    {
        for (var slot = vcpu * ApfLimit; slot < (vcpu + 1) * ApfLimit; slot++)
        {
            if (_queue[slot].Queued && match(_queue[slot], key))
            {
                return Reference(slot);
            }
        }

        return ApfRef.None;
    }

    internal ApfRef At(int vcpu, int place)
    {
        for (var slot = vcpu * ApfLimit; slot < (vcpu + 1) * ApfLimit; slot++)
        {
            if (_queue[slot].Queued && place-- == 0)
            {
                return Reference(slot);
            }
        }

        return ApfRef.None;
    }

    internal ApfRef SetUp(int vcpu, Gfn gfn)
    {
        for (var slot = vcpu * ApfLimit; slot < (vcpu + 1) * ApfLimit; slot++)
        {
            if (!_queue[slot].Queued)
            {
                _queue[slot] = new(true, gfn.Value, (++_counters[vcpu] << 12) | (uint)vcpu);
                return Reference(slot);
            }
        }

        return ApfRef.None;
    }

    internal void Free(ApfRef apf, bool completed)
    {
        _queue[apf.Slot] = default;
        Completed += completed ? 1 : 0;
    }

    internal void Lock(KvmLock which, int vcpu)
    {
        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _locks[(vcpu * 2) + (int)which], 1, 0) != 0)
        {
            spin.SpinOnce();
        }
    }

    internal void Unlock(KvmLock which, int vcpu) => Volatile.Write(ref _locks[(vcpu * 2) + (int)which], 0);

    internal long Ioctl(int vcpu, uint number, IoctlArgument argument) =>
        _ioctl is null ? Errno.Invalid.Negated() : _ioctl(vcpu, number, argument);

    internal bool AddWaiter(Gfn gfn, Waiter waiter)
    {
        lock (_waiters)
        {
            if (!_waiters.TryGetValue(gfn.Value, out var list))
            {
                _waiters[gfn.Value] = list = new();
            }

            list.Enqueue(waiter);
            _waiting++;
            return true;
        }
    }

    /// <summary>Mostly no thread waits for anything; a publisher then pays a load, and not a lock that would be most of
    /// what a benchmark of it sees.</summary>
    internal bool TakeWaiter(Gfn gfn, out Waiter waiter)
    {
        waiter = default;
        return _waiting != 0 && TakeLocked(gfn, ref waiter);
    }

    private bool TakeLocked(Gfn gfn, ref Waiter waiter)
    {
        lock (_waiters)
        {
            if (!_waiters.TryGetValue(gfn.Value, out var list) || !list.TryDequeue(out waiter))
            {
                return false;
            }

            _waiting--;
            return true;
        }
    }

    private ApfRef Reference(int slot) => new(slot, _queue[slot].Token, new Gfn(_queue[slot].Gfn));

    internal readonly record struct Apf(bool Queued, ulong Gfn, uint Token);
}
