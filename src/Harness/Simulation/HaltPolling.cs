namespace UapiLab.Harness.Simulation;

/// <summary>
/// What KVM does when a guest has executed HLT (kvm_vcpu_halt in virt/kvm/kvm_main.c): it polls for a wake-up before
/// the vCPU thread sleeps. How long it polls grows while halts are short and shrinks after a long one, for each vCPU by
/// itself. An APF halt does not come here: the vCPU stays runnable, so vcpu_block calls kvm_vcpu_block.
/// </summary>
internal sealed class HaltPolling(int vcpus)
{
    /// <summary>halt_poll_ns_grow_start.</summary>
    internal const long GrowStartNs = 10_000;

    /// <summary>halt_poll_ns_grow.</summary>
    private const int Grow = 2;

    /// <summary>halt_poll_ns_shrink.</summary>
    private const int Shrink = 2;

    private readonly long[] _since = Enumerable.Repeat(-1L, vcpus).ToArray();
    private readonly long[] _pollNs = new long[vcpus];

    /// <summary>Time that vCPU threads have polled so far, ns.</summary>
    public long PolledNs { get; private set; }

    /// <summary>A halt begins, or goes on after the thread looked in vain.</summary>
    public void Begin(int vcpu, long now) => _since[vcpu] = _since[vcpu] < 0 ? now : _since[vcpu];

    /// <summary>It ends.</summary>
    /// <param name="vcpu">Whose.</param>
    /// <param name="now">When its event came, ns.</param>
    /// <param name="maxNs">halt_poll_ns; 0 = no polling.</param>
    /// <param name="wakeNs">Price of waking a thread that sleeps.</param>
    /// <returns>When the thread goes on.</returns>
    public long End(int vcpu, long now, long maxNs, long wakeNs)
    {
        var start = _since[vcpu] < 0 ? now : _since[vcpu];
        _since[vcpu] = -1;
        ref var poll = ref _pollNs[vcpu];
        poll = Math.Min(poll, maxNs);
        var slept = poll == 0 || now - start > poll;
        PolledNs += Math.Min(now - start, poll);
        now += slept ? wakeNs : 0;
        var halt = now - start;
        if (halt > poll)
        {
            if (poll > 0 && halt > maxNs)
            {
                poll = poll / Shrink < GrowStartNs ? 0 : poll / Shrink;
            }
            else if (poll < maxNs && halt < maxNs)
            {
                poll = Math.Max(poll * Grow, GrowStartNs);
            }
        }

        return now;
    }
}
