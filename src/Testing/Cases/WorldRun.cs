using UapiLab.Abstractions;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Cases;

/// <summary>Carries out a case on a world, with one thread: a step that cuts into another runs on top of it, at a call
/// of the encoding at which it holds no lock, from beginning to end.</summary>
internal sealed class WorldRun : IDisposable
{
    private const int MostRounds = 200;

    private readonly WorldCase _script;
    private readonly ContractWorld _world;
    private readonly Attacker? _attacker;
    private readonly List<(WorldStep Step, int Left)> _cuts = [];
    private readonly List<string> _story = [];
    private int _depth;

    public WorldRun(Encoding encoding, WorldCase script, bool isHostile)
    {
        this._script = script;
        _world = new(encoding, new(WorldCase.Vcpus, WorldCase.Gfns, WorldCase.ApfLimit))
        {
            IsSane = !isHostile,
            BeforeCall = Cut
        };
        _attacker = isHostile ? new(_world, Note) : null;
    }

    /// <summary>What was done, one thing a line; what cut into something is indented below it.</summary>
    public IReadOnlyList<string> Story => _story;

    public void Dispose() => _world.Dispose();

    /// <summary>A case in words, up to where it breaks something.</summary>
    public static string StoryOf(Encoding encoding, WorldCase script, bool isHostile)
    {
        using var run = new WorldRun(encoding, script, isHostile);
        try
        {
            run.Run();
        }
        catch (Exception)
        {
            // Its end is the last line of the story; what it broke is known.
        }

        return string.Join('\n', run.Story) + "\n";
    }

    /// <exception cref="ContractBreach">The encoding broke the contract.</exception>
    public void Run()
    {
        try
        {
            Play();
        }
        catch (ContractBreach breach) when (breach.MayWait && _depth > 1)
        {
            // What cuts in runs to its end before anybody else does: a case in which it waits is none.
        }
    }

    private void Play()
    {
        _world.CreateVcpus(NewThread());
        foreach (var range in _script.Armed)
        {
            Note($"arm gfn {range.First:x} to {range.First + range.Count - 1:x}, predicted {range.Prediction}");
            _world.Arm(NewThread(), range.First, range.Count, range.Prediction);
        }

        foreach (var step in _script.Steps)
        {
            if (step.Into > 0)
            {
                _cuts.Add((step, step.Into));
                continue;
            }

            Perform(step);
            while (_cuts.Count > 0)
            {
                Perform(TakeCut());
            }
        }

        if (_world.IsSane)
        {
            Note($"then what is under way comes to its end:");
            Finish();
            Note($"then every vCPU touches every frame:");
            TouchEverything();
        }
    }

    /// <summary>An I/O thread: one may cut into another.</summary>
    private static Actor NewThread() => new("I/O thread");

    private void Perform(WorldStep step)
    {
        _depth++;
        Do(step);
        _depth--;
        if (_world.Failure is { } failure)
        {
            throw failure;
        }
    }

    private void Cut(Actor actor)
    {
        if (_depth == 1 && _cuts.Count > 0)
        {
            _cuts[0] = (_cuts[0].Step, _cuts[0].Left - 1);
            if (_cuts[0].Left <= 0)
            {
                Perform(TakeCut());
            }
        }
    }

    private WorldStep TakeCut()
    {
        var step = _cuts[0].Step;
        _cuts.RemoveAt(0);
        return step;
    }

    private void Do(WorldStep step)
    {
        var vcpu = step.Vcpu % WorldCase.Vcpus;
        var gfn = WorldCase.Gfn(step.Frame);
        var frame = _world.Frames[gfn];
        var prediction = (Prediction)(step.Variant / 2 % 4);
        switch (step.Kind)
        {
            case WorldStepKind.Advance:
                Advance(vcpu, gfn, step.Variant);
                break;
            case WorldStepKind.Arrive when frame.Fetching:
                Note($"the content of gfn {gfn:x} arrives");
                _world.Publish(NewThread(), gfn);
                break;
            case WorldStepKind.Prefetch when frame is { HasContent: false, Fetching: false, Wanted: false }:
                Note($"gfn {gfn:x} is fetched ahead");
                _world.Prefetch(NewThread(), gfn, prediction);
                break;
            case WorldStepKind.Rearm when frame is { Armed: true, HasContent: true, Fetching: false, Publishing: 0 }
                && !IsHandled(gfn):
                Rearm(gfn, prediction, bySlot: step.Variant % 2 == 0 && IsParked());
                break;
            case WorldStepKind.Mode when _world.IsInGuest(vcpu):
                var mode = step.Variant % 3 == 1 ? "kernel mode" : "user mode";
                Note($"vCPU {vcpu} is in {mode}, interrupts {(step.Variant % 3 == 2 ? "off" : "on")}");
                _world[vcpu].InUserMode = step.Variant % 3 != 1;
                _world[vcpu].InterruptsOn = step.Variant % 3 != 2;
                break;
            case WorldStepKind.Clear when _world.IsInGuest(vcpu):
                Note($"the guest on vCPU {vcpu} disables APF{(step.Variant % 2 == 0 ? ", and enables it again" : "")}");
                _world.ClearQueue(vcpu, QueueClearReason.GuestDisabled);
                _world[vcpu].ApfEnabled = step.Variant % 2 == 0;
                break;
            case WorldStepKind.Service:
                Serve();
                break;
            case WorldStepKind.Refuse:
                Note($"KVM's next event for vCPU {vcpu} cannot be written");
                _world[vcpu].RefusesNext = true;
                break;
            default:
                _attacker?.Attack(step);
                break;
        }
    }

    private void Advance(int vcpu, int gfn, int variant)
    {
        var v = _world[vcpu];
        if (v.Busy || _world.IsAwaiting(vcpu))
        {
            return;
        }

        if (v.Exit is not null && !v.ExitHandled)
        {
            var wanted = variant % 2 == 0 ? Handling.HandOff : Handling.Resolve;
            Note($"the VMM handles the exit of vCPU {vcpu} for gfn {v.Exit.Value.Gfn.Value:x}: {wanted}");
            _world.HandleExit(vcpu, wanted, (Prediction)(variant / 2 % 4));
        }
        else if (v.Exit is not null)
        {
            Note($"KVM_RUN of vCPU {vcpu}{(variant % 16 == 15 ? " with immediate_exit" : "")}");
            _world.Run(vcpu, immediateExit: variant % 16 == 15);
        }
        else if (_world.HasReady(vcpu) && (v.Halted || variant % 4 != 3))
        {
            Note($"a ready for gfn {_world[vcpu].Done[0].Ref.Gfn.Value:x} is delivered to vCPU {vcpu}");
            _world.Deliver(vcpu);
        }
        else if (!v.Halted)
        {
            Touch(vcpu, gfn, (AccessKind)(variant % 3));
        }
    }

    private void Touch(int vcpu, int gfn, AccessKind access)
    {
        if (_world.Frames[gfn].Mapped)
        {
            return;
        }

        Note($"vCPU {vcpu} faults on gfn {gfn:x} ({access})");
        _world.Touch(vcpu, gfn, access);
        var v = _world[vcpu];
        Note($"  {(v.Exit is { } exit
            ? $"exits with flags 0x{exit.Flags:x}"
            : v.Halted ? "halts" : _world.Frames[gfn].Mapped ? "is mapped" : "goes back to the guest")}");
    }

    private void Note(FormattableString what) => _story.Add(new string(' ', 2 * Math.Max(_depth, 1)) + Invariant(what));

    /// <summary>Every vCPU thread is outside KVM and outside the handlers; an I/O thread may be in the middle of
    /// publishing.</summary>
    /// <summary>By discarding the page, or through a memslot update while every vCPU is parked. Nothing cuts in: the
    /// page is locked in the one case (rule V2), and the vCPUs are parked in the other.</summary>
    private void Rearm(int gfn, Prediction prediction, bool bySlot)
    {
        if (bySlot)
        {
            Note($"every vCPU is parked, and gfn {gfn:x} armed again");
        }
        else
        {
            Note($"gfn {gfn:x} is armed again and discarded");
        }

        _depth++;
        _world.Rearm(NewThread(), gfn, prediction, bySlot);
        _depth--;
    }

    private bool IsHandled(int gfn) =>
        Vcpus.Any(v => _world[v].Exit?.Gfn.Value == (ulong)gfn && !_world[v].ExitHandled);

    private bool IsParked() =>
        Vcpus.All(v => !_world[v].Busy && !_world.IsAwaiting(v) && (_world[v].Exit is null || _world[v].ExitHandled));

    private static IEnumerable<int> Vcpus => Enumerable.Range(0, WorldCase.Vcpus);

    private bool Serve()
    {
        if (_world.Work.TryDequeue(out var argument))
        {
            Note($"KVM's worker runs item {argument}");
            _world.RunWork(NewThread(), argument);
            return true;
        }

        if (_world.Eventfds.Count > 0)
        {
            Note($"an I/O thread sees eventfd {_world.Eventfds.Keys.First()}");
            _world.RunEventfd(NewThread(), _world.Eventfds.Keys.First());
            return true;
        }

        return false;
    }

    /// <summary>Everything that is under way comes to its end; then no task may be left waiting.</summary>
    private void Finish()
    {
        for (var round = 0; MoveOn(); round++)
        {
            if (round == MostRounds)
            {
                throw new ContractBreach(Breaches.Livelock, "what was under way does not come to an end");
            }
        }

        foreach (var vcpu in Vcpus)
        {
            if (_world[vcpu].Queue.Count > 0)
            {
                throw new ContractBreach(Breaches.LostWakeup,
                    $"vCPU {vcpu} waits for gfn {_world[vcpu].Queue[0].Ref.Gfn}, and nothing is under way that would "
                    + $"end it");
            }

            if (_world[vcpu].Halted)
            {
                throw new ContractBreach(Breaches.LostWakeup,
                    $"vCPU {vcpu} is halted, and nothing is under way that would wake it");
            }
        }
    }

    /// <returns>Whether anybody had anything to do.</returns>
    private bool MoveOn()
    {
        var moved = Serve();
        foreach (var vcpu in Vcpus)
        {
            if (_world[vcpu].Exit is not null || _world.HasReady(vcpu))
            {
                Perform(new(WorldStepKind.Advance, vcpu, 0, 0, 0));
                moved = true;
            }
        }

        foreach (var gfn in WorldCase.Touched.Where(g => _world.Frames[g].Fetching))
        {
            Note($"the content of gfn {gfn:x} arrives");
            _world.Publish(NewThread(), gfn);
            moved = true;
        }

        return moved;
    }

    /// <summary>Every frame can be had by every vCPU, in a few rounds; one that the VMM did not arm, at once.</summary>
    private void TouchEverything()
    {
        const int EnoughTries = 8;
        foreach (var vcpu in Vcpus)
        {
            (_world[vcpu].InUserMode, _world[vcpu].InterruptsOn) = (true, true);
            foreach (var gfn in WorldCase.Touched)
            {
                for (var tries = 0; !_world.Frames[gfn].Mapped; tries++)
                {
                    if (tries == EnoughTries)
                    {
                        throw new ContractBreach(Breaches.Livelock,
                            $"vCPU {vcpu} faults on gfn {gfn:x} again and again");
                    }

                    Touch(vcpu, gfn, AccessKind.Write);
                    if (!_world.Frames[gfn].Armed && !_world.Frames[gfn].Mapped)
                    {
                        throw new ContractBreach(Breaches.OldBehaviour,
                            $"gfn {gfn:x}, which nobody armed, does not simply map");
                    }

                    Finish();
                }
            }
        }
    }
}
