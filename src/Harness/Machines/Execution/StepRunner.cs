using System.Runtime.CompilerServices;

namespace UapiLab.Harness.Machines.Execution;

/// <summary>Runs the halves an access at a time (<see cref="OperationWorld"/>).</summary>
internal readonly struct StepRunner(OperationWorld world) : IHalfRunner<MachineWorld>
{
    private readonly MachineWorld _world = new(world);

    /// <summary>The call made last of each operation, so that none is made anew for each.</summary>
    private readonly object?[] _made = new object?[Enum.GetValues<Operation>().Length];

    public bool Run<THalf, TArgument>(
        THalf half,
        int actor,
        Operation operation,
        bool onVmmSide,
        TArgument argument,
        Action<THalf, MachineWorld, TArgument> call)
    {
        Begin(actor, operation, onVmmSide, argument);
        if (world.TriesTokens)
        {
            // An operation has arguments of one type, so what stands in its place is of this one.
            var made = Unsafe.As<Made<THalf, TArgument>>(_made[(int)operation]) ?? new(this);
            _made[(int)operation] = made;
            (made.Half, made.Argument, made.Call) = (half, argument, call);
            world.Again = made.Again;
        }

        try
        {
            call(half, _world, argument);
            world.Returned();
        }
        catch (Exception e)
        {
            world.Absorb(e);
        }

        return world.End();
    }

    public bool Run<THalf, TArgument, TResult>(
        THalf half,
        int actor,
        Operation operation,
        bool onVmmSide,
        TArgument argument,
        Func<THalf, MachineWorld, TArgument, TResult> call,
        out TResult result)
        where TResult : struct
    {
        result = default;
        Begin(actor, operation, onVmmSide, argument);
        if (world.TriesTokens)
        {
            var made = Unsafe.As<Made<THalf, TArgument, TResult>>(_made[(int)operation]) ?? new(this);
            _made[(int)operation] = made;
            (made.Half, made.Argument, made.Call) = (half, argument, call);
            world.Again = made.Again;
        }

        try
        {
            result = call(half, _world, argument);
            world.Returned();
        }
        catch (Exception e)
        {
            world.Absorb(e);
        }

        return world.End();
    }

    private void Begin<TArgument>(int actor, Operation operation, bool onVmmSide, TArgument argument)
    {
        world.Begin(actor, operation, onVmmSide);
        if (world.IsViewed)
        {
            world.ViewArguments(argument);
        }
    }

    /// <summary>A call that can be made again (<see cref="TokenTrial"/>).</summary>
    private sealed class Made<THalf, TArgument>
    {
        public Made(StepRunner by) => Again = numbering =>
        {
            if (numbering == OperationWorld.AsksArguments)
            {
                by.Ask(Argument!);
                return;
            }

            Call!(Half!, by._world, by.Given(Argument!, numbering));
        };

        public THalf? Half { get; set; }
        public TArgument? Argument { get; set; }
        public Action<THalf, MachineWorld, TArgument>? Call { get; set; }
        public Action<int> Again { get; }
    }

    /// <summary>The same of one that has a result.</summary>
    private sealed class Made<THalf, TArgument, TResult>
    {
        public Made(StepRunner by) => Again = numbering =>
        {
            if (numbering == OperationWorld.AsksArguments)
            {
                by.Ask(Argument!);
                return;
            }

            by.Note(Call!(Half!, by._world, by.Given(Argument!, numbering)));
        };

        public THalf? Half { get; set; }
        public TArgument? Argument { get; set; }
        public Func<THalf, MachineWorld, TArgument, TResult>? Call { get; set; }
        public Action<int> Again { get; }
    }

    private void Ask<TArgument>(TArgument argument) => world.GivenWords = TokenTrial.Words(argument);

    private TArgument Given<TArgument>(TArgument argument, int numbering) => world.Given(argument, numbering);

    private void Note<TResult>(TResult answer) => world.NoteAnswer(answer);
}
