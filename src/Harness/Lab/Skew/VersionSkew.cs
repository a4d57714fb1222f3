using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Lab.Skew;

/// <summary>The four pairs of an encoding's first and last version, each explored on a small machine, and the two in
/// which it meets what it was put on top of (docs/version-skew.md).</summary>
internal static class VersionSkew
{
    private const string Proof = "write-seen";

    /// <summary>Decides them all. Old with old comes first: the next three are held against it. The last two, if there
    /// is something that the encoding builds on, are held against that.</summary>
    /// <param name="encoding">Any version of it.</param>
    /// <param name="check">Explores one pair.</param>
    public static IReadOnlyList<SkewPair> Decide(Encoding encoding, Func<Encoding, CheckInstance, CheckOutcome> check)
    {
        var first = encoding.Versions[0];
        var last = first.Versions.Count;
        var pairs = new List<SkewPair>();
        if (last > 1)
        {
            var before = Explore(1, 1);
            pairs.AddRange([Pair(1, 1, before), Pair(last, 1, before), Pair(1, last, before),
                Pair(last, last, before)]);
        }

        if (first.BuildsOn is not null)
        {
            var before = Explore(0, 0);
            pairs.AddRange([Pair(1, 0, before), Pair(0, 1, before)]);
        }

        return pairs;

        CheckOutcome Explore(int kvm, int vmm) => check(VersionPair.Of(first, kvm, vmm), CheckInstance.Skew);

        SkewPair Pair(int kvm, int vmm, CheckOutcome before)
        {
            var pair = VersionPair.Of(first, kvm, vmm);
            var outcome = before.Encoding == pair.Description.FullName ? before : check(pair, CheckInstance.Skew);
            var (verdict, why) = Judge(pair, outcome, before, bothNew: Math.Min(kvm, vmm) > 1, asksForMore: vmm > 0
                && vmm >= kvm && vmm + kvm != 2);
            return new($"{Age(vmm)} VMM on {Age(kvm)} KVM", verdict, why, outcome);
        }

        string Age(int version) => version == 0 ? first.BuildsOn!.Description.FullName : version == 1 ? "old" : "new";
    }

    private static (SkewVerdict Verdict, string Why) Judge(Encoding pair, CheckOutcome outcome, CheckOutcome before,
        bool bothNew, bool asksForMore)
    {
        string[] known = Broken(before);
        string[] broken = [.. Broken(outcome).Except(known)];
        if (broken.Length > 0)
        {
            return (SkewVerdict.SilentlyMisbehaves, string.Join(", ", broken) + " broken");
        }

        if (outcome.Result.Properties.Any(p => p.Verdict == PropertyVerdict.NotDecided))
        {
            return (SkewVerdict.NotDecided, "ended by " + outcome.Result.Bound);
        }

        var refused = asksForMore ? SetUpRefusals.Of(pair, outcome.Instance) : [];
        if (refused.Count > 0)
        {
            return (SkewVerdict.RejectedCleanly,
                string.Join(", ", refused.Select(r => $"{r.Ioctl} at set-up: {Errnos.Name(r.Errno)}"))
                + "; the VMM does without");
        }

        var seen = outcome.Result.Properties.Single(p => p.Property.Name == Proof).Verdict == PropertyVerdict.Seen;
        return bothNew && !seen ? (SkewVerdict.NotDecided, $"{Proof} never seen: what is new is never used")
            : (SkewVerdict.WorksAsBefore, (seen ? "and writes are tracked" : "nothing new is used")
                + (known.Length > 0 ? $"; {string.Join(", ", known)} broken as before" : ""));
    }

    private static string[] Broken(CheckOutcome outcome) =>
        [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken).Select(p => p.Property.Name)];
}

/// <summary>What becomes of one pair of versions.</summary>
internal enum SkewVerdict : byte
{
    /// <summary>Nothing breaks that does not break with the first version on both sides.</summary>
    WorksAsBefore,
    /// <summary>KVM refuses what is new before the guest runs, the VMM does without, and nothing breaks.</summary>
    RejectedCleanly,
    /// <summary>A property breaks, and no call has returned an error that the VMM could have acted on.</summary>
    SilentlyMisbehaves,
    /// <summary>A bound was hit, or nothing new was ever seen although both halves are new.</summary>
    NotDecided,
}

/// <summary>One pair of versions, decided.</summary>
/// <param name="Name">Who meets whom.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Why">In a few words: which call is refused with what, or which properties break.</param>
/// <param name="Outcome">Every interleaving of the instance, with the shortest history of what breaks.</param>
internal sealed record SkewPair(string Name, SkewVerdict Verdict, string Why, CheckOutcome Outcome);

/// <summary>What KVM refuses a VMM before the guest runs.</summary>
/// <param name="Ioctl">Name of the call.</param>
/// <param name="Errno">What it returns.</param>
internal readonly record struct SetUpRefusal(string Ioctl, Errno Errno);

/// <summary>Sets a machine up and listens: nothing else runs yet, so there is one way to do it.</summary>
internal sealed class SetUpRefusals : IMachineObserver
{
    private readonly List<(uint Number, Errno Errno)> _refused = [];

    private SetUpRefusals()
    {
    }

    public static IReadOnlyList<SetUpRefusal> Of(Encoding encoding, CheckInstance instance)
    {
        var listener = new SetUpRefusals();
        using var stepped = new SteppedMachine(encoding, instance, new ChoiceScript(), listener, null);
        return [.. listener._refused.Distinct()
            .Select(r => new SetUpRefusal(stepped.Machine.NameOf(r.Number), r.Errno))];
    }

    /// <summary>An operation that stops at a scheduling point runs again from the top, and so may the event.</summary>
    public void On(in MachineEvent e)
    {
        if (e.Kind == MachineEventKind.SetUpRefused)
        {
            _refused.Add(((uint)e.Gfn, (Errno)e.Value));
        }
    }
}
