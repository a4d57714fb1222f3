using UapiLab.Abstractions;
using UapiLab.Harness.Machines.Reduction;

namespace UapiLab.Harness.Machines.Execution;

/// <content>An ioctl that fails leaves everything as it was (<see cref="OwnChanges"/>).</content>
internal partial class OperationWorld
{
    private OwnChanges _changes = new();
    private OwnChanges _changesOfRepetition = new();

    /// <summary>A call of KVM's half that is judged is an ioctl, and goes on.</summary>
    private bool _isInIoctl;

    private bool Watches => _isInIoctl && !_stopped;

    private void BeginIoctl()
    {
        _isInIoctl = _judgesKvm && _machine.SharedMemory.IsOn;
        _changes.Clear();
    }

    /// <summary>The ioctl has returned; where it has just done so, a failure is judged.</summary>
    private void EndIoctl(int vcpu, uint number, long result)
    {
        if (Watches && _cursor == _logged && _notes is null)
        {
            ref var changedBlindly = ref _machine.Actors[_actor].ChangedBlindly;
            var left = _changes.FirstLeft() ?? (changedBlindly ? "changes what it has not read" : null);
            changedBlindly = false;
            if (result < 0 && left is not null)
            {
                Report($"{_machine.NameOf(number)} fails with {result}, and {left}");
                _machine.Violate(ViolationKind.FailureChanges, vcpu, Normalisation.NoFrame);
            }
        }

        _isInIoctl = false;
    }

    /// <summary>The record of a round of a loop is about to be dropped.</summary>
    private void DropChanges(int from)
    {
        if (_isInIoctl)
        {
            _machine.Actors[_actor].ChangedBlindly |= _changes.FirstLeft(from) is not null;
            _changes.Forget(from);
        }
    }

    private void NoteLoad(Region region, ulong index, ulong value)
    {
        if (Watches && Place(region, index) is { } store)
        {
            _changes.Saw(store, index - store.First, value);
        }
    }

    /// <summary>Before a store that happens now: where the call does not know what it overwrites.</summary>
    private void NoteBlindStore(RegionStore store, ulong place, ulong value)
    {
        if (Watches && !_changes.Knows(store, place))
        {
            _machine.Actors[_actor].ChangedBlindly |= store.Read(place) != (value & store.Mask);
        }
    }

    private void NoteStore(Region region, ulong index, ulong value)
    {
        if (Watches && Place(region, index) is { } store)
        {
            _changes.Stored(store, index - store.First, value & store.Mask);
        }
    }

    private void NoteModify(Region region, ulong index, ulong old, AtomicOp change)
    {
        if (Watches && Place(region, index) is { } store)
        {
            _changes.Modified(store, index - store.First, old, change);
        }
    }

    private void NoteFill(Region region, ulong first, ulong count, ulong value)
    {
        if (Watches && Place(region, first) is { } store)
        {
            for (var index = first; index < first + count; index++)
            {
                NoteBlindStore(store, index - store.First, value);
            }
        }
    }

    private void NoteDone(string what)
    {
        if (Watches)
        {
            _changes.Did(what);
        }
    }

    /// <summary>The region of a word that the machine has; null if it has none such.</summary>
    private RegionStore? Place(Region region, ulong index) =>
        (uint)region.Id < (uint)_regions.Length && unchecked(index - _regions[region.Id].First)
            < _regions[region.Id].Words ? _regions[region.Id] : null;
}
