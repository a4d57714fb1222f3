using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Uapi.Selftest;

namespace UapiLab.Harness.Lab.Scenarios;

/// <summary>Plays a history, and notes what a program would have to do for it and what it would see.</summary>
internal sealed class ScenarioRecorder : IMachineObserver, IAccessListener, IDisposable
{
    private const int Vcpu = 0;
    private const int MostStepsToEnd = 10_000;

    private readonly List<ScenarioStep> _steps = [];
    private readonly List<WordValue> _atFirst = [];
    private readonly SchedulePlayer _player;
    private int _notPresents, _readies;
    private readonly bool _isSetUp;
    private bool _isThrough, _readsNothing;
    private ScenarioStep.Rest? _exit;

    private ScenarioRecorder(Encoding encoding, CheckInstance instance, (byte[] State, byte RemainingBudget) start)
    {
        _player = new(encoding, instance, this);
        _player.Restore(start);
        _player.Machine.Listener = this;
        foreach (var store in _player.Machine.Regions.Where(r => r.Owner == RegionOwner.Shared))
        {
            _atFirst.AddRange(from word in Enumerable.Range(0, (int)store.Words)
                              let value = store.Read((ulong)word)
                              where value != 0
                              select new WordValue(store.Spec, store.First + (ulong)word, value));
        }

        _isSetUp = true;
    }

    private Machine Machine => _player.Machine;

    /// <summary>What a history comes to.</summary>
    /// <param name="encoding">Whose halves take its steps.</param>
    /// <param name="instance">On which machine, in whole calls.</param>
    /// <param name="history">The history.</param>
    /// <param name="why">Why no program can bring it about.</param>
    public static (IReadOnlyList<WordValue> AtFirst, IReadOnlyList<ScenarioStep> Steps)? Of(Encoding encoding,
        CheckInstance instance, History history, out string why)
    {
        var initial = int.Parse(history.Instance.Last(p => p.Key == Replay.InitialParameter).Value,
            System.Globalization.CultureInfo.InvariantCulture);
        using var worker = new MachineWorker(encoding, instance);
        var start = worker.InitialStates(() => { }).Skip(initial).First();
        using var recorder = new ScenarioRecorder(encoding, instance, start);
        try
        {
            foreach (var step in history.Steps)
            {
                recorder.Take(step.Scheduled);
            }

            recorder.GoOn(history.IsGood);
            why = "";
            return (recorder._atFirst, recorder._steps);
        }
        catch (NoProgramException e)
        {
            why = e.Message;
            return null;
        }
    }

    public void On(in MachineEvent e)
    {
        if (!_isSetUp)
        {
            return;
        }

        switch (e.Kind)
        {
            case MachineEventKind.GuestNotPresent:
                _notPresents++;
                break;
            case MachineEventKind.KvmInjVirq when e.Value != uint.MaxValue:
                _readies++;
                break;
            case MachineEventKind.Violation when (ViolationKind)e.Value == ViolationKind.ReadUnpopulated:
                _readsNothing = true;
                break;
            case MachineEventKind.TaskDone:
                _isThrough = true;
                break;
            case MachineEventKind.PagePlaced:
                _steps.Add(new ScenarioStep.Place());
                break;
            case MachineEventKind.PageDiscarded:
                _steps.Add(new ScenarioStep.Discard());
                break;
            case MachineEventKind.KvmUserspaceExit:
                ref var v = ref Machine.Vcpus[Vcpu];
                _exit = v.Exit == RunExit.Fault ? new(RestPlace.Exit, v.ExitFlags,
                    Machine.ExtraKind == RecordKind.Of(WordKind.Token) ? v.ExitExtra : 0, 0, 0, false)
                    : throw new NoProgramException("KVM_RUN returns without a memory fault there");
                break;
            case MachineEventKind.VmStopped or MachineEventKind.RunInterrupted or MachineEventKind.MemslotChanged:
                throw new NoProgramException("it takes more than this program does");
            default:
                break;
        }
    }

    public void Report(Operation operation, bool inKvm, string what, Exception? thrown = null)
    {
    }

    public void Acted(VmmAct act) => _steps.Add(act switch
    {
        VmmAct.Write w => new ScenarioStep.Change(w.Region, w.Index, Change(w.How), w.Operand, w.Expected, w.Order),
        VmmAct.Ioctl i => new ScenarioStep.Call(i.Number,
            [i.Argument.W0, i.Argument.W1, i.Argument.W2, i.Argument.W3], i.Result),
        VmmAct.Fill => throw new NoProgramException("it fills a whole region"),
        VmmAct.Memslot => throw new NoProgramException("it updates the memslot"),
        _ => throw new NoProgramException("it signals an eventfd"),
    });

    public void Dispose() => _player.Dispose();

    private static WordChange Change(AtomicOpKind? how) => how switch
    {
        null => WordChange.Store,
        AtomicOpKind.Exchange => WordChange.Exchange,
        AtomicOpKind.CompareExchange => WordChange.CompareExchange,
        AtomicOpKind.And => WordChange.And,
        AtomicOpKind.Or => WordChange.Or,
        _ => WordChange.Add,
    };

    private void Take(in ScheduledStep step)
    {
        if (step.Kind != StepKind.Step)
        {
            throw new NoProgramException("it takes a signal, or a store that others see late");
        }

        if (!TakesAsAsked(step))
        {
            throw new NoProgramException("the machine does not take its steps");
        }
    }

    private bool TakesAsAsked(in ScheduledStep step)
    {
        var wasInside = Machine.IsInKernel(Vcpu);
        if (step.Actor == Vcpu && Machine.StepOf(Vcpu) == VcpuStep.RunEntry && !Machine.Actors[Vcpu].InOperation)
        {
            _steps.Add(new ScenarioStep.Run());
            wasInside = true;
        }

        var isAsAsked = _player.Take(step);
        _player.Normalise();
        if (step.Actor == Vcpu && wasInside && IsAtRest)
        {
            NoteRest();
        }

        return isAsAsked;
    }

    /// <summary>Who is in the kernel, else the first who can take a step.</summary>
    private int? Next => Enumerable.Range(0, Machine.ActorCount).Where(Machine.IsRunnable)
        .OrderByDescending(Machine.IsInKernel).Cast<int?>().FirstOrDefault();

    private bool IsAtRest => !Machine.IsInKernel(Vcpu) || !Machine.IsRunnable(Vcpu);

    /// <summary>A history ends where something is shown; the call that shows it goes on, and after a good one
    /// everybody does. What then stays as it is was not to change.</summary>
    private void GoOn(bool toTheEnd)
    {
        for (var i = 0; i < MostStepsToEnd && !IsAtRest; i++)
        {
            TakesAsAsked(new(StepKind.Step, Vcpu, []));
        }

        for (var i = 0; toTheEnd && i < MostStepsToEnd && Next is { } actor; i++)
        {
            do
            {
                TakesAsAsked(new(StepKind.Step, actor, []));
            }
            while (Machine.World.StoppedInIoctl && Machine.IsRunnable(actor));
        }

        if (_steps is not [.., ScenarioStep.Rest] && Machine.IsInKernel(Vcpu))
        {
            NoteRest();
        }
    }

    private void NoteRest()
    {
        var at = _isThrough ? RestPlace.End : Machine.IsInKernel(Vcpu) ? RestPlace.Halt : RestPlace.Exit;
        if (_steps is [.., ScenarioStep.Rest])
        {
            _steps.RemoveAt(_steps.Count - 1);
        }

        var rest = new ScenarioStep.Rest(at, 0, 0, _notPresents, _readies, !_readsNothing);
        if (at == RestPlace.Exit)
        {
            rest = rest with
            {
                Flags = (_exit ?? throw new NoProgramException("KVM_RUN returns without a reason there")).Flags,
                Token = _exit.Token,
            };
        }

        _exit = null;
        _steps.Add(rest);
    }
}

/// <summary>No program of one thread beside the vCPU's can bring a history about.</summary>
internal sealed class NoProgramException(string why) : Exception(why);
