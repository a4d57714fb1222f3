using System.Security.Cryptography;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>A second engine that shares only the machine with the first: it takes one micro-step at a time, keeps a
/// state as all bytes of the machine, and follows whatever can be done next. It has no codec, no normal form, no other
/// names, no fused steps and no threads, and it never puts a step off.</summary>
internal sealed class NaiveSearch : IDisposable
{
    private readonly Encoding _encoding;
    private readonly CheckInstance _instance;
    private readonly ChoiceScript _script = new();
    private readonly EventMask _events;
    private readonly HashSet<UInt128> _visited = [];
    private readonly Stack<byte[]> _open = new();
    private Machine _machine = null!;

    public NaiveSearch(Encoding encoding, CheckInstance instance)
    {
        _encoding = encoding;
        _instance = instance;
        _events = new(MachineProperty.Of(instance));
    }

    /// <summary>States so far.</summary>
    public int States => _visited.Count;

    /// <summary>The properties broken or shown by some step or at some rest, bit i = property i.</summary>
    public ulong Observed { get; private set; }

    /// <returns>Whether every state was looked at.</returns>
    public bool Run(int maxStates)
    {
        do
        {
            _machine?.Dispose();
            var stepped = new SteppedMachine(_encoding, _instance with { Symmetric = false }, _script, _events, null);
            _machine = stepped.Machine;
            Reached();
        }
        while (_script.Advance());

        while (_open.TryPop(out var state) && States <= maxStates)
        {
            Follow(state);
        }

        return _open.Count == 0;
    }

    private void Follow(byte[] state)
    {
        _machine.Restore(state);
        var canStep = Enumerable.Range(0, _machine.ActorCount).Where(_machine.IsRunnable).ToArray();
        var stored = Enumerable.Range(0, _instance.Order == MemoryOrdering.Sc ? 0 : _machine.ActorCount)
            .Select(actor => (actor, count: _machine.SharedMemory.Committable(actor))).ToArray();
        var signalled = Enumerable.Range(0, _instance.Vcpus).Where(_machine.CanSignal).ToArray();
        if (!canStep.Any(IsObliged) && stored.All(s => s.count == 0))
        {
            Observed |= _events.AtRest(_machine);
        }

        foreach (var actor in canStep)
        {
            _script.Reset();
            do
            {
                Try(state, () => _machine.Step(actor));
            }
            while (_script.Advance());
        }

        foreach (var (actor, count) in stored)
        {
            for (var which = 0; which < count; which++)
            {
                Try(state, () => _machine.SharedMemory.Commit(actor, which));
            }
        }

        foreach (var vcpu in signalled)
        {
            Try(state, () => _machine.Signal(vcpu));
        }
    }

    private void Try(byte[] state, Action step)
    {
        _machine.Restore(state);
        _events.Clear();
        step();
        Observed |= _events.Mask;
        Reached();
    }

    private void Reached()
    {
        var state = _machine.StateInPlace.ToArray();
        if (_visited.Add(BitConverter.ToUInt128(SHA256.HashData(state))))
        {
            _open.Push(state);
        }
    }

    /// <summary>The VMM begins to arm again, and an enemy acts, only if it likes.</summary>
    private bool IsObliged(int actor) => actor != _machine.RearmActor
        || !(_machine.Actors[actor].Step == ServiceStep.Wait
            || (_machine.Actors[actor].Step == ServiceStep.Hostile && !_machine.Actors[actor].InOperation));

    public void Dispose() => _machine.Dispose();
}
