using UapiLab.Abstractions;
using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Testing.Cases;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Threads;

/// <summary>One round on real threads: each vCPU has one guest task that writes every frame once, an I/O thread places
/// pages; under attack, one more thread does what it likes. Who waits, waits under the world's gate, so that a wait
/// that nothing will end is seen at once and not after a while.</summary>
internal sealed class ThreadedRun : IDisposable
{
    public const int Vcpus = 2;
    public const int Gfns = 2;

    private const int MostFaultsOfOneAccess = 1_000;
    private const int MovesUnderAttack = 60;
    private const int Attacks = 60;

    private readonly ContractWorld _world;
    private readonly ulong _seed;
    private int _waiting;
    private int _finished;
    private bool _isIoIdle;

    public ThreadedRun(Encoding encoding, ulong seed, bool isHostile)
    {
        this._seed = seed;
        _world = new(encoding, new(Vcpus, Gfns, 2)) { IsSane = !isHostile, HasOtherTasks = false };
    }

    public IReadOnlySet<string> Seen => _world.Seen;

    public void Dispose() => _world.Dispose();

    /// <summary>Runs it on threads that are there already, which <paramref name="parallel"/> starts together.</summary>
    /// <exception cref="ContractBreach">The encoding broke the contract.</exception>
    public void Run(Action<IReadOnlyList<Action>> parallel)
    {
        var actor = new Actor("VMM");
        _world.CreateVcpus(actor);
        _world.Arm(actor, 0, Gfns, Prediction.Async);
        List<Action> threads = [.. Enumerable.Range(0, Vcpus)
            .Select(vcpu => (Action)(() => Guarded(() => RunVcpu(vcpu)))), () => Guarded(RunIo)];
        if (!_world.IsSane)
        {
            threads.Add(() => Guarded(RunAttacker));
        }

        parallel(threads);
        if (_world.Failure is { } failure)
        {
            throw failure;
        }
    }

    private void Guarded(Action thread)
    {
        try
        {
            thread();
        }
        catch (ContractBreach breach)
        {
            _world.Fail(breach);
        }
        catch (Exception e)
        {
            _world.Fail(new(Breaches.Throws, $"{e.GetType().Name}: {e.Message}"));
        }
    }

    private void RunVcpu(int vcpu)
    {
        var random = new SplitMix64(_seed + (ulong)vcpu);
        var first = (int)(random.Next() % Gfns);
        var moves = 0;
        for (var i = 0; i < Gfns; i++)
        {
            var gfn = (first + i) % Gfns;
            for (var faults = 0; !IsDone(gfn, moves) && _world.Failure is null; faults++, moves++)
            {
                if (faults > MostFaultsOfOneAccess)
                {
                    throw new ContractBreach(Breaches.Livelock, $"vCPU {vcpu} faults on gfn {gfn:x} again and again");
                }

                Advance(vcpu, gfn, random.Next());
            }
        }

        lock (_world.Gate)
        {
            _finished++;
            Monitor.PulseAll(_world.Gate);
        }
    }

    private bool IsDone(int gfn, int moves)
    {
        lock (_world.Gate)
        {
            return _world.IsSane ? _world.Frames[gfn].Mapped : moves >= MovesUnderAttack;
        }
    }

    private void Advance(int vcpu, int gfn, ulong random)
    {
        var v = _world[vcpu];
        if (_world.HasReady(vcpu))
        {
            _world.Deliver(vcpu);
        }
        else if (v.Exit is not null && !v.ExitHandled)
        {
            _world.HandleExit(vcpu, random % 2 == 0 ? Handling.HandOff
                : Handling.Resolve, (Prediction)(random / 2 % 4));
        }
        else if (!_world.IsSane && (v.Halted || _world.IsAwaiting(vcpu)))
        {
            Thread.Yield(); // nobody promised that it ends
        }
        else if (v.Exit is not null)
        {
            WaitUntil(() => !_world.IsAwaiting(vcpu), vcpu, gfn);
            _world.Run(vcpu, immediateExit: false);
        }
        else if (v.Halted || Sleeps(vcpu, gfn))
        {
            WaitUntil(() => _world.HasReady(vcpu), vcpu, gfn);
        }
        else
        {
            _world.Touch(vcpu, gfn, AccessKind.Write);
        }
    }

    /// <summary>The guest's only task on this vCPU sleeps by token.</summary>
    private bool Sleeps(int vcpu, int gfn)
    {
        lock (_world.Gate)
        {
            return _world.IsSane && _world[vcpu].Queue.Exists(a => a.Injected && a.Ref.Gfn.Value == (ulong)gfn);
        }
    }

    private void WaitUntil(Func<bool> condition, int vcpu, int gfn)
    {
        lock (_world.Gate)
        {
            _waiting++;
            while (!condition() && _world.Failure is null)
            {
                if (_waiting + _finished == Vcpus && _isIoIdle && !HasIo)
                {
                    throw new ContractBreach(Breaches.LostWakeup,
                        $"vCPU {vcpu} waits for gfn {gfn:x}, and every other thread has nothing left to do");
                }

                Monitor.Wait(_world.Gate);
            }

            _waiting--;
        }
    }

    private bool HasIo => _world.Work.Count > 0 || _world.Eventfds.Count > 0 || _world.Frames.Any(f => f.Fetching);

    private void RunIo()
    {
        while (true)
        {
            lock (_world.Gate)
            {
                while (!HasIo && _finished < Vcpus && _world.Failure is null)
                {
                    _isIoIdle = true;
                    Monitor.PulseAll(_world.Gate);
                    Monitor.Wait(_world.Gate);
                }

                _isIoIdle = false;
                if (!HasIo || _world.Failure is not null)
                {
                    return;
                }
            }

            Serve();
        }
    }

    private void Serve()
    {
        ulong? argument = null;
        int? eventfd = null;
        int gfn;
        lock (_world.Gate)
        {
            gfn = Array.FindIndex(_world.Frames, f => f.Fetching);
            if (_world.Work.TryDequeue(out var queued))
            {
                argument = queued;
            }
            else if (_world.Eventfds.Count > 0)
            {
                eventfd = _world.Eventfds.Keys.First();
                if (!_world.IsSane)
                {
                    _world.Eventfds.Remove(eventfd.Value); // a half led astray may not read it
                }
            }
        }

        var actor = new Actor("I/O thread");
        if (argument is { } work)
        {
            _world.RunWork(actor, work);
        }
        else if (eventfd is { } signalled)
        {
            _world.RunEventfd(actor, signalled);
        }
        else if (gfn >= 0)
        {
            _world.Publish(actor, gfn);
        }
    }

    private void RunAttacker()
    {
        var random = new SplitMix64(~_seed);
        var attacker = new Attacker(_world, _ => { });
        WorldStepKind[] kinds = [WorldStepKind.Scribble, WorldStepKind.Scribble, WorldStepKind.Ioctl,
            WorldStepKind.Ioctl, WorldStepKind.Unmap, WorldStepKind.Signal];
        for (var i = 0; i < Attacks && _world.Failure is null; i++)
        {
            var bits = (int)(random.Next() >> 34);
            attacker.Attack(new(kinds[bits % kinds.Length], bits >> 4 & 3, bits >> 8 & 3, bits >> 12 & 255, 0));
        }
    }
}
