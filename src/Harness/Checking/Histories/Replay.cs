using System.Globalization;
using UapiLab.Abstractions;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking;

/// <summary>Runs the steps of a history again on the machine, and says where the machine does something else.</summary>
public sealed class Replay
{
    /// <summary>First choice of a step in which a buffered store becomes visible; the second says which.</summary>
    public const int CommitMark = -1;

    /// <summary>First choice of a step in which a signal reaches a halted vCPU's thread.</summary>
    public const int SignalMark = -2;

    /// <summary>Name of the parameter that says which initial state the history begins in.</summary>
    public const string InitialParameter = "initial";

    private readonly History history;
    private readonly MachineModel model;
    private readonly string file;

    private Replay(string file, History history, Encoding encoding)
    {
        this.file = file;
        this.history = history;
        model = new(encoding, CheckInstance.Parse(file, history.Instance));
    }

    /// <summary>Re-runs a history up to a step.</summary>
    /// <param name="file">Where it was read, for messages.</param>
    /// <param name="history">What was read.</param>
    /// <param name="encoding">The encoding it names, as it is now.</param>
    /// <param name="steps">How many steps.</param>
    /// <returns>The history as the machine runs it now: the same, step by step. Of one that is cut short nobody says who waits at its
    /// end.</returns>
    /// <exception cref="InputException">Another version of encoding or machine, or a step that comes out differently.</exception>
    public static History Run(string file, History history, Encoding encoding, int steps = int.MaxValue)
    {
        var version = LayoutDigest.Of(encoding);
        if (history.EncodingVersion != version)
        {
            throw new InputException(file, $"was recorded with version {history.EncodingVersion} of {history.Encoding}; this is {version}");
        }

        if (history.MachineVersion != HistoryBuilder.MachineVersion)
        {
            throw new InputException(file, $"was recorded on version {history.MachineVersion} of the machine; this is {HistoryBuilder.MachineVersion}");
        }

        return new Replay(file, history, encoding).Run(Math.Min(steps, history.Steps.Count));
    }

    private History Run(int count)
    {
        using var player = new StepPlayer(model, Initial());
        var machine = player.Machine;
        var steps = new List<HistoryStep>();
        foreach (var recorded in history.Steps.Take(count))
        {
            if (recorded.Choices is not ([CommitMark, _] or [SignalMark, _]) && ((uint)recorded.Actor >= (uint)machine.ActorCount || !machine.IsRunnable(recorded.Actor)))
            {
                throw Differs(recorded, $"{(recorded.Actor < history.Lanes.Count ? history.Lanes[recorded.Actor] : recorded.Actor.ToString(CultureInfo.InvariantCulture))} can take no step");
            }

            if (recorded.Choices is [CommitMark, var which] && ((uint)recorded.Actor >= (uint)machine.ActorCount || which >= machine.Words.Committable(recorded.Actor)))
            {
                throw Differs(recorded, "no such store is buffered");
            }

            if (recorded.Choices is [SignalMark, _] && ((uint)recorded.Actor >= (uint)machine.Shape.Vcpus || !machine.CanSignal(recorded.Actor)))
            {
                throw Differs(recorded, "no signal can reach that thread");
            }

            var step = player.Play(steps.Count + 1, recorded.Actor, recorded.Choices);
            if (recorded.Choices is not ([CommitMark, _] or [SignalMark, _]) && !player.WasFollowed)
            {
                throw Differs(recorded, "choices are not those that the step asks for");
            }

            if (step.Text != recorded.Text)
            {
                throw Differs(recorded, $"expected \"{recorded.Text}\", and the machine does \"{step.Text}\"");
            }

            if (!step.Events.SequenceEqual(recorded.Events))
            {
                throw Differs(recorded, $"expected the events {string.Join(", ", recorded.Events)}; they are {string.Join(", ", step.Events)}");
            }

            if (!step.Changes.SequenceEqual(recorded.Changes))
            {
                throw Differs(recorded, "expected other fields to change: "
                    + string.Join(", ", recorded.Changes.Except(step.Changes).Concat(step.Changes.Except(recorded.Changes)).Select(c => c.Field)));
            }

            steps.Add(step);
        }

        return count == history.Steps.Count
            ? history with { Steps = steps }
            : history with { Steps = steps, InevitableFrom = history.InevitableFrom <= count ? history.InevitableFrom : 0, Waiting = [] };
    }

    private InputException Differs(HistoryStep step, string what) => new(string.Create(CultureInfo.InvariantCulture, $"{file}, step {step.Number}"), what);

    private (byte[] State, byte Allowances) Initial()
    {
        var text = history.Instance.FirstOrDefault(p => p.Key == InitialParameter).Value;
        using var worker = (MachineWorker)model.CreateWorker();
        var states = new StateCollector();
        worker.Initial(states);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < states.States.Count
            ? states.States[number]
            : throw new InputException(file, string.Create(CultureInfo.InvariantCulture, $"instance.{InitialParameter} is '{text}', expected a number from 0 to {states.States.Count - 1}"));
    }
}
