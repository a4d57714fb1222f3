using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Foundation;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Runs the steps of a history again on the machine, and says where the machine does something else.</summary>
public sealed class Replay
{
    /// <summary>Name of the parameter that says which initial state the history begins in.</summary>
    public const string InitialParameter = "initial";

    private readonly History _history;
    private readonly MachineModel _model;
    private readonly string _file;

    private Replay(string file, History history, Encoding encoding)
    {
        this._file = file;
        this._history = history;
        _model = new(encoding, CheckInstance.Parse(file, history.Instance));
    }

    /// <summary>Re-runs a history up to a step.</summary>
    /// <param name="file">Where it was read, for messages.</param>
    /// <param name="history">What was read.</param>
    /// <param name="encoding">The encoding it names, as it is now.</param>
    /// <param name="steps">How many steps.</param>
    /// <returns>The history as the machine runs it now: the same, step by step. Of one that is cut short nobody says
    /// who waits at its end.</returns>
    /// <exception cref="InputException">Another version of encoding or machine, or a step that comes out
    /// differently.</exception>
    public static History Run(string file, History history, Encoding encoding, int steps = int.MaxValue)
    {
        var version = LayoutDigest.Of(encoding);
        if (history.EncodingVersion != version)
        {
            throw new InputException(file,
                $"was recorded with version {history.EncodingVersion} of {history.Encoding}; this is {version}");
        }

        if (history.MachineVersion != HistoryBuilder.MachineVersion)
        {
            throw new InputException(file,
                $"was recorded on version {history.MachineVersion} of the machine; this is "
                + $"{HistoryBuilder.MachineVersion}");
        }

        return new Replay(file, history, encoding).Run(Math.Min(steps, history.Steps.Count));
    }

    private History Run(int count)
    {
        using var player = new StepPlayer(_model, Initial());
        var steps = new List<HistoryStep>();
        foreach (var recorded in _history.Steps.Take(count))
        {
            var step = player.Play(steps.Count + 1, recorded.Scheduled);
            if (player.Refusal is { } why)
            {
                throw Differs(recorded, why);
            }

            if (step.Text != recorded.Text)
            {
                throw Differs(recorded, $"expected \"{recorded.Text}\", and the machine does \"{step.Text}\"");
            }

            if (!step.Events.SequenceEqual(recorded.Events))
            {
                throw Differs(recorded,
                    $"expected the events {string.Join(", ", recorded.Events)}; they are "
                    + $"{string.Join(", ", step.Events)}");
            }

            if (!step.Changes.SequenceEqual(recorded.Changes))
            {
                throw Differs(recorded, "expected other fields to change: "
                    + string.Join(", ", recorded.Changes.Except(step.Changes)
                        .Concat(step.Changes.Except(recorded.Changes)).Select(c => c.Field)));
            }

            steps.Add(step);
        }

        return count == _history.Steps.Count
            ? _history with { Steps = steps }
            : _history with
            {
                Steps = steps,
                InevitableFrom = _history.InevitableFrom <= count ? _history.InevitableFrom
                : 0,
                Waiting = []
            };
    }

    private InputException Differs(HistoryStep step, string what) =>
        new(Invariant($"{_file}, step {step.Number}"), what);

    private (byte[] State, byte RemainingBudget) Initial()
    {
        var text = _history.Instance.FirstOrDefault(p => p.Key == InitialParameter).Value;
        using var worker = (MachineWorker)_model.CreateWorker();
        var states = new StateCollector();
        worker.Initial(states);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < states.States.Count
            ? states.States[number]
            : throw new InputException(_file,
                Invariant($"instance.{InitialParameter} is '{text}', expected a number from 0 to ")
                + Invariant($"{states.States.Count - 1}"));
    }
}
