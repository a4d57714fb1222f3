using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines.Execution;

/// <content>Repetitions of a call under other token numberings (<see cref="TokenTrial"/>).</content>
internal partial class OperationWorld
{
    /// <summary>In the place of a numbering: only what the arguments are.</summary>
    internal const int AsksArguments = -2;

    private readonly List<ulong> _plain = [];
    private readonly List<ulong> _renumbered = [];

    /// <summary>What a repetition does, call by call; null outside of one.</summary>
    private List<ulong>? _notes;

    /// <summary>The activation ended with an exception of the half's own.</summary>
    private bool _failed;

    /// <summary>Whether calls are repeated. What hostile userspace makes up is no token.</summary>
    internal bool TriesTokens => _machine.Tokens is not null && _notes is null;

    /// <summary>Makes the call of the activation again, with arguments under a numbering; -1 is the search's
    /// own.</summary>
    internal Action<int>? Again { get; set; }

    /// <summary>Arguments of the activation.</summary>
    internal (ulong First, ulong Second, ulong Third, ulong Fourth) GivenWords { get; set; }

    internal T Given<T>(T argument, int numbering) =>
        numbering < 0 ? argument : TokenTrial.Renumbered(argument, numbering, _machine.Config);

    internal void NoteAnswer<T>(T answer)
    {
        switch (answer)
        {
            case FaultAnswer fault:
                Note((ulong)fault.Verdict, fault.Flags, fault.Extra, (ulong)fault.Errno);
                break;
            case RunAnswer run:
                Note(run.ExitAgain ? 1UL : 0, run.Gfn.Value, run.Flags, run.Extra);
                break;
            case ExitAction action:
                Note((ulong)action);
                break;
            case bool isTrue:
                Note(isTrue ? 1UL : 0);
                break;
        }
    }

    internal void Note(ulong what, ulong first = 0, ulong second = 0, ulong third = 0)
    {
        if (_notes is { } notes && !_stopped)
        {
            notes.Add(what);
            notes.Add(first);
            notes.Add(second);
            notes.Add(third);
        }
    }

    internal void Note(ulong what, ulong vcpu, ApfRef apf)
    {
        if (_notes is not null)
        {
            Note(what, vcpu, apf.Token, (ulong)apf.Slot);
        }
    }

    /// <summary>A word holds what fits in it: a token that is cut off is computed with.</summary>
    internal void Note(ulong what, Region region, ulong index, ulong value = 0, ulong other = 0)
    {
        if (_notes is not null)
        {
            var mask = (uint)region.Id < (uint)_regions.Length ? _regions[region.Id].Mask : ulong.MaxValue;
            Note(what, (ulong)region.Id, index, value & mask);
            Note(other);
        }
    }

    /// <summary>The call so far is repeated if it was given a token and has not been repeated before.</summary>
    /// <param name="live0">Where it goes round a loop: what it carries on.</param>
    /// <param name="live1">The same.</param>
    private void TryTokens(ulong live0 = 0, ulong live1 = 0)
    {
        if (!TriesTokens || Again is not { } again)
        {
            return;
        }

        var tokens = _machine.Tokens!;
        var config = _machine.Config;
        var given = _machine.Log.Span(_logBase, _logged);
        again(AsksArguments);
        var (first, second, third, fourth) = GivenWords;
        var isGivenOne = TokenTrial.IsToken(first, config) || TokenTrial.IsToken(second, config);
        var call = TokenTrial.Mix(
            TokenTrial.Mix(TokenTrial.Mix(TokenTrial.Mix((ulong)_operation, first),
                second), third), fourth);
        foreach (var value in given)
        {
            isGivenOne |= TokenTrial.IsToken(value, config);
            call = TokenTrial.Mix(call, value);
        }

        if (isGivenOne && tokens.IsNew(TokenTrial.Mix(TokenTrial.Mix(call, live0), live1)))
        {
            Repeat(tokens, again, given.ToArray());
        }
    }

    private void Repeat(TokenTrial tokens, Action<int> again, ulong[] given)
    {
        var (cursor, logged, open, dummies) = (_cursor, _logged, _openCheckpoints, _dummies);
        var (progressed, stopped, onVmmSide) = (_progressed, _stopped, _onVmmSide);
        var isInIoctl = _isInIoctl;
        var checkpoints = _checkpoints[..open];
        var log = _machine.Log.Span(_logBase, logged);
        (_changes, _changesOfRepetition) = (_changesOfRepetition, _changes);
        for (var numbering = -1; numbering < TokenTrial.Numberings; numbering++)
        {
            for (var i = 0; i < given.Length && numbering >= 0; i++)
            {
                log[i] = TokenTrial.Renumbered(given[i], numbering, _machine.Config);
            }

            _notes = numbering < 0 ? _plain : _renumbered;
            _notes.Clear();
            (_cursor, _openCheckpoints, _dummies, _stopped) = (0, 0, 0, false);
            _onVmmSide = _operation >= Operation.OnArm; // where the call began
            var fails = false;
            try
            {
                again(numbering);
            }
            catch (Exception) when (!_stopped)
            {
                fails = true;
            }
            catch (Exception)
            {
                // On worthless values.
            }

            if (numbering >= 0
                && (fails || !TokenTrial.AreAlike(_plain, _renumbered, numbering, _machine.Config)))
            {
                tokens.Saw(_operation);
            }
        }

        given.CopyTo(log);
        _notes = null;
        (_changes, _changesOfRepetition) = (_changesOfRepetition, _changes);
        _isInIoctl = isInIoctl;
        checkpoints.CopyTo(_checkpoints, 0);
        (_cursor, _logged, _openCheckpoints, _dummies) = (cursor, logged, open, dummies);
        (_progressed, _stopped, _onVmmSide) = (progressed, stopped, onVmmSide);
    }
}
