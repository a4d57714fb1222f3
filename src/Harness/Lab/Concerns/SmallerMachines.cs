using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Model;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>What to explore instead where a machine has too many states: the same with fewer actors first, then with
/// the encoding at its smallest, and only then with less that can happen.</summary>
internal static class SmallerMachines
{
    private static readonly (string Size, string Value)[] s_actors = [("vcpus", "1"), ("tasks", "1")];
    private static readonly (string Size, string Value)[] s_happenings =
        [("hostile-acts", "1"), ("rearms", "0"), ("gfns", "1")];

    /// <summary>Smaller and smaller ones, each within the one before it.</summary>
    public static IEnumerable<(Encoding Encoding, CheckInstance Instance)> Of(Encoding encoding, CheckInstance instance)
    {
        foreach (var smaller in Shrink(instance, s_actors))
        {
            yield return (encoding, instance = smaller);
        }

        if (encoding.Smallest != encoding)
        {
            yield return (encoding = encoding.Smallest, instance);
        }

        foreach (var smaller in Shrink(instance, s_happenings))
        {
            yield return (encoding, smaller);
        }
    }

    private static IEnumerable<CheckInstance> Shrink(CheckInstance instance, (string Size, string Value)[] steps)
    {
        foreach (var (name, value) in steps)
        {
            var size = InstanceSize.OfName(instance.Name, name);
            var leavesTasksNothing = name == "gfns" && instance.HasAreaInSlot;
            if (!leavesTasksNothing && size.Get(instance) > size.Read(instance.Name, value))
            {
                yield return instance = instance.With((size, value));
            }
        }
    }
}
