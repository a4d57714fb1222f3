using System.Text;
using UapiLab.Harness.Machines;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Short names of lanes, for a prefix of a line: <c>cpu0</c>, <c>io0</c>, <c>kvm</c>.</summary>
internal static class LaneNames
{
    private const int LettersKept = 5;

    private static readonly (string Begin, string Short)[] s_known =
    [
        ("vcpu", "cpu"), ("iothread", "io"), ("guesttask", "task"), ("kvm", "kvm"), ("device", "dev"),
            ("prefetch", "pre"), ("rearm", "rearm"), ("hostile", "hostile"),
    ];

    /// <summary>One for each lane, all different.</summary>
    public static IReadOnlyList<string> Short(IReadOnlyList<string> lanes)
    {
        var names = new List<string>();
        foreach (var lane in lanes)
        {
            var name = ShortOf(lane);
            var unique = name;
            for (var copy = 2; names.Contains(unique); copy++)
            {
                unique = Invariant($"{name}.{copy}");
            }

            names.Add(unique);
        }

        return names;
    }

    private static string ShortOf(string lane)
    {
        var letters = new StringBuilder();
        var digits = new StringBuilder();
        foreach (var c in lane)
        {
            if (char.IsAsciiLetter(c))
            {
                letters.Append(char.ToLowerInvariant(c));
            }
            else if (char.IsAsciiDigit(c))
            {
                digits.Append(c);
            }
        }

        var word = letters.ToString();
        foreach (var (begin, shortName) in s_known)
        {
            if (word.StartsWith(begin, StringComparison.Ordinal))
            {
                return shortName + digits;
            }
        }

        word = word[..Math.Min(LettersKept, word.Length)];
        return (word.Length == 0 ? "lane" : word) + digits;
    }
}

/// <summary>Names of the actors.</summary>
internal static class MachineLanes
{
    public static IReadOnlyList<string> All(Machine machine) =>
        [.. Enumerable.Range(0, machine.ActorCount).Select(actor => Name(machine, actor))];

    public static string Name(Machine machine, int actor) =>
        actor < machine.Config.Vcpus ? $"vCPU {actor}"
        : actor < machine.DeviceActor ? $"I/O thread {actor - machine.Config.Vcpus}"
        : actor == machine.DeviceActor ? "device"
        : actor == machine.PrefetchActor ? "prefetcher"
        : actor == machine.RearmActor ? (machine.Config.Restores is not null ? "restore"
            : machine.Config.Environment.HostileActs > 0 ? "hostile thread" : "re-arming thread")
        : "KVM worker";

    /// <summary>For names of fields.</summary>
    public static string ShortName(Machine machine, int actor) => LaneNames.Short(All(machine))[actor];
}
