using FsCheck;
using FsCheck.Fluent;
using UapiLab.Harness.Machines.Guest;

namespace UapiLab.Testing.Cases;

/// <summary>Generator and shrinker of runs of a machine.</summary>
internal static class MachineCases
{
    private const int MostGfns = 3;

    public static Gen<MachineCase> All =>
        from vcpus in Gen.Choose(1, 2)
        from tasks in Gen.Choose(1, 2)
        from gfns in Gen.Choose(1, MostGfns)
        from limit in Gen.Choose(1, 2)
        from prefetches in Gen.Elements(true, false)
        from rearms in Gen.Choose(0, 1)
        from allowances in Gen.Choose(0, 7)
        from programs in Program(gfns).ArrayOf(vcpus * tasks)
        from answers in Numbers(40)
        from schedule in Numbers(250)
        select new MachineCase(vcpus, gfns, limit, prefetches, rearms, allowances, programs, answers, schedule);

    public static IEnumerable<MachineCase> Smaller(MachineCase value) =>
    [
        .. Shrinking.Of(value.Schedule, Shrinking.Of).Select(schedule => value with { Schedule = schedule }),
        .. Shrinking.Of(value.Answers, Shrinking.Of).Select(answers => value with { Answers = answers }),
        .. Shrinking.Of(value.Rearms).Select(rearms => value with { Rearms = rearms }),
        .. value.Prefetches ? [value with { Prefetches = false }] : Array.Empty<MachineCase>(),
        .. Shrinking.Of(value.Allowances)
            .Select(allowances => value with { Allowances = allowances & value.Allowances })
            .Where(smaller => smaller.Allowances != value.Allowances),
        .. FewerVcpus(value),
        .. Enumerable.Range(0, value.Programs.Count).SelectMany(task => Shrinking.Of(value.Programs[task], Smaller)
            .Select(program => value with { Programs =
                [.. value.Programs.Take(task), program, .. value.Programs.Skip(task + 1)] })),
    ];

    private static IEnumerable<MachineCase> FewerVcpus(MachineCase value)
    {
        if (value.Vcpus == 2)
        {
            yield return value with { Vcpus = 1, Programs = [.. value.Programs.Take(value.Programs.Count / 2)] };
        }
    }

    private static IEnumerable<GuestStep> Smaller(GuestStep step)
    {
        if (step.Flags is not (GuestStepFlags.None or GuestStepFlags.Write))
        {
            yield return step with { Flags = GuestStepFlags.Write };
        }

        if (step.Gfn > 0)
        {
            yield return step with { Gfn = step.Gfn - 1 };
        }
    }

    private static Gen<IReadOnlyList<GuestStep>> Program(int gfns)
    {
        var flags = Gen.Frequency(
            (6, Gen.Constant(GuestStepFlags.Write)), (2, Gen.Constant(GuestStepFlags.None)),
                (1, Gen.Constant(GuestStepFlags.Kernel | GuestStepFlags.Write)),
            (1, Gen.Constant(GuestStepFlags.InterruptsOff | GuestStepFlags.Write)));
        var touch = from gfn in Gen.Choose(0, gfns - 1) from flag in flags select new GuestStep(0, (ulong)gfn, flag);
        var disable = Gen.Constant(new GuestStep(0, 0, GuestStepFlags.DisableApf | GuestStepFlags.NoAccess));
        return Gen.Choose(1, 4).SelectMany(count => Gen.Frequency((20, touch), (1, disable)).ArrayOf(count))
            .Select(steps => (IReadOnlyList<GuestStep>)steps);
    }

    private static Gen<IReadOnlyList<int>> Numbers(int most) =>
        Gen.Choose(0, most).SelectMany(count => Gen.Choose(0, 11).ArrayOf(count))
            .Select(numbers => (IReadOnlyList<int>)numbers);
}
