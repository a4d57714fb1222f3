using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Vmm;

namespace UapiLab.Harness.Machines.Kvm;

/// <summary>Counters of the eventfds of the VM: two per vCPU, by convention 2v and 2v + 1, and behind them the VMM's
/// own where there is one (<see cref="OwnEventfd"/>), of which nobody reads the counter.</summary>
internal sealed class EventfdTable(Machine machine, StateBlock block)
{
    private readonly Section<ulong> _counters = block.Reserve<ulong>(2L * machine.Config.Vcpus);

    /// <summary>Signalled since an I/O thread last took it up.</summary>
    private readonly Section<byte> _signalled = block.Reserve<byte>(
        2L * machine.Config.Vcpus + (machine.Config.HasOwnEventfd ? 1 : 0));

    internal Section<ulong> Counters => _counters;
    internal Section<byte> Signalled => _signalled;

    private int Count => 2 * machine.Config.Vcpus;

    private int CountWithOwn => Count + (machine.Config.HasOwnEventfd ? 1 : 0);

    public void Signal(int eventfd)
    {
        if (eventfd == OwnEventfd.Number && machine.Config.HasOwnEventfd)
        {
            eventfd = Count;
        }
        else
        {
            _counters[Checked(eventfd)]++;
        }

        if (_signalled[eventfd] == 0)
        {
            _signalled[eventfd] = 1;
            machine.Vm.SignalledEventfds++;
        }

        machine.WakeAll(BlockReason.Idle, ServiceThreads.IdleIoThread);
    }

    /// <summary>An eventfd that was signalled since an I/O thread last took it up.</summary>
    /// <param name="eventfd">The one, or -1.</param>
    /// <param name="anyOrder">poll() promises no order; otherwise the lowest.</param>
    public bool TryTakeSignalled(out int eventfd, bool anyOrder)
    {
        eventfd = -1;
        int count = machine.Vm.SignalledEventfds;
        var which = anyOrder && count > 1 ? machine.Choices.Choose(ChoiceKind.IoWork, 0, count) : 0;
        for (var i = 0; count > 0 && i < CountWithOwn; i++)
        {
            if (_signalled[i] != 0 && which-- == 0)
            {
                _signalled[i] = 0;
                machine.Vm.SignalledEventfds--;
                eventfd = i;
                return true;
            }
        }

        return false;
    }

    /// <summary>What halves call the eventfd with this index.</summary>
    public int NameOf(int eventfd) => eventfd < Count ? eventfd : OwnEventfd.Number;

    public ulong Read(int eventfd)
    {
        ref var counter = ref _counters[Checked(eventfd)];
        var value = counter;
        counter = 0;
        return value;
    }

    /// <summary>New eventfds, not signalled yet.</summary>
    public void Clear()
    {
        _counters.Span(0, Count).Clear();
        _signalled.Span(0, CountWithOwn).Clear();
        machine.Vm.SignalledEventfds = 0;
    }

    private int Checked(int eventfd) => (uint)eventfd < Count
        ? eventfd
        : throw new EncodingDefectException($"eventfd {eventfd}: only 0 to {Count - 1} exist");
}
