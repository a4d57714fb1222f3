using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Harness.Tests.Checking.Search;

/// <summary>Walks a model without the search, to check what the search says of it.</summary>
internal static class Replay
{
    /// <summary>What the model says about the state a path ends in.</summary>
    public static Said Follow(IModel model, StatePath path)
    {
        using var worker = model.CreateWorker();
        var said = new Said();
        worker.Initial(said);
        var state = said.States[path.Initial];
        foreach (var action in path.Actions)
        {
            state = Expand(worker, state).States[action];
        }

        return Expand(worker, state);
    }

    /// <summary>Steps to the nearest state of which a property is said, level by level with whole states.</summary>
    public static int DepthOfFirst(IModel model, ulong property)
    {
        using var worker = model.CreateWorker();
        var level = new Said();
        worker.Initial(level);
        var states = level.States;
        var known = new HashSet<string>();
        for (var depth = 0; states.Count > 0; depth++)
        {
            var next = new List<byte[]>();
            foreach (var state in states.Where(s => known.Add(Convert.ToHexString(s))))
            {
                var said = Expand(worker, state);
                if ((said.Observed & property) != 0)
                {
                    return depth;
                }

                next.AddRange(said.States);
            }

            states = next;
        }

        throw new InvalidOperationException("the property is said of no state");
    }

    private static Said Expand(IModelWorker worker, byte[] state)
    {
        var said = new Said();
        worker.Expand(state, 0, said);
        return said;
    }

    internal sealed class Said : ISuccessors
    {
        public List<byte[]> States { get; } = [];

        public ulong Observed { get; private set; }

        public void Add(ReadOnlySpan<byte> next, in StepInfo step) => States.Add(next.ToArray());

        public void Observe(ulong properties) => Observed |= properties;
    }
}
