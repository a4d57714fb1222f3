using UapiLab.Abstractions;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Cases;

/// <summary>Carries out a case on a world, with one thread: a step that cuts into another runs on top of it, at a call of the
/// encoding at which it holds no lock, from beginning to end.</summary>
internal sealed class WorldRun : IDisposable
{
    private const int MostRounds = 200;

    private readonly WorldCase script;
    private readonly ContractWorld world;
    private readonly Attacker? attacker;
    private readonly List<(WorldStep Step, int Left)> cuts = [];
    private int depth;

    public WorldRun(Encoding encoding, WorldCase script, bool isHostile)
    {
        this.script = script;
        world = new(encoding, new(WorldCase.Vcpus, WorldCase.Gfns, WorldCase.ApfLimit)) { IsSane = !isHostile, BeforeCall = Cut };
        attacker = isHostile ? new(world) : null;
    }

    public void Dispose() => world.Dispose();

    /// <exception cref="ContractBreach">The encoding broke the contract.</exception>
    public void Run()
    {
        world.CreateVcpus(NewThread());
        foreach (var range in script.Armed)
        {
            world.Arm(NewThread(), range.First, range.Count, range.Prediction);
        }

        foreach (var step in script.Steps)
        {
            if (step.Into > 0)
            {
                cuts.Add((step, step.Into));
                continue;
            }

            Perform(step);
            while (cuts.Count > 0)
            {
                Perform(TakeCut());
            }
        }

        if (world.IsSane)
        {
            Finish();
            TouchEverything();
        }
    }

    /// <summary>An I/O thread: one may cut into another.</summary>
    private static Actor NewThread() => new("I/O thread");

    private void Perform(WorldStep step)
    {
        depth++;
        Do(step);
        depth--;
        if (world.Failure is { } failure)
        {
            throw failure;
        }
    }

    private void Cut(Actor actor)
    {
        if (depth == 1 && cuts.Count > 0)
        {
            cuts[0] = (cuts[0].Step, cuts[0].Left - 1);
            if (cuts[0].Left <= 0)
            {
                Perform(TakeCut());
            }
        }
    }

    private WorldStep TakeCut()
    {
        var step = cuts[0].Step;
        cuts.RemoveAt(0);
        return step;
    }

    private void Do(WorldStep step)
    {
        var vcpu = step.Vcpu % WorldCase.Vcpus;
        var gfn = WorldCase.Gfn(step.Frame);
        var frame = world.Frames[gfn];
        var prediction = (Prediction)(step.Variant / 2 % 4);
        switch (step.Kind)
        {
            case WorldStepKind.Advance:
                Advance(vcpu, gfn, step.Variant);
                break;
            case WorldStepKind.Arrive when frame.Fetching:
                world.Publish(NewThread(), gfn);
                break;
            case WorldStepKind.Prefetch:
                world.Prefetch(NewThread(), gfn, prediction);
                break;
            case WorldStepKind.Rearm when IsParked() && frame is { Armed: true, HasContent: true, Fetching: false, Publishing: 0 }:
                depth++; // nobody may cut in: everybody is parked
                world.Rearm(NewThread(), gfn, prediction);
                depth--;
                break;
            case WorldStepKind.Mode when world.IsInGuest(vcpu):
                world[vcpu].InUserMode = step.Variant % 3 != 1;
                world[vcpu].InterruptsOn = step.Variant % 3 != 2;
                break;
            case WorldStepKind.Clear when world.IsInGuest(vcpu):
                world.ClearQueue(vcpu, QueueClearReason.GuestDisabled);
                world[vcpu].ApfEnabled = step.Variant % 2 == 0;
                break;
            case WorldStepKind.Service:
                Serve();
                break;
            case WorldStepKind.Refuse:
                world[vcpu].RefusesNext = true;
                break;
            default:
                attacker?.Attack(step);
                break;
        }
    }

    private void Advance(int vcpu, int gfn, int variant)
    {
        var v = world[vcpu];
        if (v.Busy || world.IsAwaiting(vcpu))
        {
            return;
        }

        if (v.Exit is not null && !v.ExitHandled)
        {
            world.HandleExit(vcpu, variant % 2 == 0 ? Handling.HandOff : Handling.Resolve, (Prediction)(variant / 2 % 4));
        }
        else if (v.Exit is not null)
        {
            world.Run(vcpu, immediateExit: variant % 16 == 15);
        }
        else if (world.HasReady(vcpu) && (v.Halted || variant % 4 != 3))
        {
            world.Deliver(vcpu);
        }
        else if (!v.Halted)
        {
            world.Touch(vcpu, gfn, (AccessKind)(variant % 3));
        }
    }

    /// <summary>Every vCPU thread is outside KVM and outside the handlers; an I/O thread may be in the middle of publishing.</summary>
    private bool IsParked() => Vcpus.All(v => !world[v].Busy && !world.IsAwaiting(v) && (world[v].Exit is null || world[v].ExitHandled));

    private static IEnumerable<int> Vcpus => Enumerable.Range(0, WorldCase.Vcpus);

    private bool Serve()
    {
        if (world.Work.TryDequeue(out var argument))
        {
            world.RunWork(NewThread(), argument);
            return true;
        }

        if (world.Eventfds.Count > 0)
        {
            world.RunEventfd(NewThread(), world.Eventfds.Keys.First());
            return true;
        }

        return false;
    }

    /// <summary>Everything that is under way comes to its end; then nobody may be left waiting.</summary>
    private void Finish()
    {
        for (var round = 0; MoveOn(); round++)
        {
            if (round == MostRounds)
            {
                throw new ContractBreach(Rules.Livelock, "what was under way does not come to an end");
            }
        }

        foreach (var vcpu in Vcpus)
        {
            if (world[vcpu].Queue.Count > 0)
            {
                throw new ContractBreach(Rules.LostWakeup, $"vCPU {vcpu} waits for gfn {world[vcpu].Queue[0].Ref.Gfn}, and nothing is under way that would end it");
            }

            if (world[vcpu].Halted)
            {
                throw new ContractBreach(Rules.LostWakeup, $"vCPU {vcpu} is halted, and nothing is under way that would wake it");
            }
        }
    }

    /// <returns>Whether anybody had anything to do.</returns>
    private bool MoveOn()
    {
        var moved = Serve();
        foreach (var vcpu in Vcpus)
        {
            if (world[vcpu].Exit is not null || world.HasReady(vcpu))
            {
                Perform(new(WorldStepKind.Advance, vcpu, 0, 0, 0));
                moved = true;
            }
        }

        foreach (var gfn in WorldCase.Touched.Where(g => world.Frames[g].Fetching))
        {
            world.Publish(NewThread(), gfn);
            moved = true;
        }

        return moved;
    }

    /// <summary>Every frame can be had by every vCPU, in a few rounds; one that nobody armed, at once.</summary>
    private void TouchEverything()
    {
        const int EnoughTries = 8;
        foreach (var vcpu in Vcpus)
        {
            (world[vcpu].InUserMode, world[vcpu].InterruptsOn) = (true, true);
            foreach (var gfn in WorldCase.Touched)
            {
                for (var tries = 0; !world.Frames[gfn].Mapped; tries++)
                {
                    if (tries == EnoughTries)
                    {
                        throw new ContractBreach(Rules.Livelock, $"vCPU {vcpu} faults on gfn {gfn:x} again and again");
                    }

                    world.Touch(vcpu, gfn, AccessKind.Write);
                    if (!world.Frames[gfn].Armed && !world.Frames[gfn].Mapped)
                    {
                        throw new ContractBreach(Rules.OldBehaviour, $"gfn {gfn:x}, which nobody armed, does not simply map");
                    }

                    Finish();
                }
            }
        }
    }
}
