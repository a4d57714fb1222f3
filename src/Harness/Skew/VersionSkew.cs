using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Skew;

/// <summary>The four pairs of an encoding's first and last version, each explored on a small machine (docs/version-skew.md).</summary>
public static class VersionSkew
{
    private const string Proof = "write-seen";

    /// <summary>Decides all four, old with old first: the others are held against it.</summary>
    /// <param name="encoding">Any version of it; it needs two.</param>
    /// <param name="check">Explores one pair.</param>
    public static IReadOnlyList<SkewPair> Decide(Encoding encoding, Func<Encoding, CheckInstance, CheckOutcome> check)
    {
        var last = encoding.Versions.Count;
        var before = Pair(1, 1, null);
        return [before, Pair(last, 1, before.Outcome), Pair(1, last, before.Outcome), Pair(last, last, before.Outcome)];

        SkewPair Pair(int kvm, int vmm, CheckOutcome? first)
        {
            var pair = VersionPair.Of(encoding, kvm, vmm);
            var outcome = check(pair, CheckInstance.Skew);
            var (verdict, why) = Judge(pair, outcome, first ?? outcome, bothNew: kvm > 1 && vmm > 1, mustSayMore: vmm > 1);
            return new(kvm, vmm, verdict, why, outcome);
        }
    }

    private static (SkewVerdict Verdict, string Why) Judge(Encoding pair, CheckOutcome outcome, CheckOutcome before, bool bothNew, bool mustSayMore)
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

        var refused = mustSayMore ? SetUpRefusals.Of(pair, outcome.Instance) : [];
        if (refused.Count > 0)
        {
            return (SkewVerdict.RejectedCleanly, string.Join(", ", refused.Select(r => $"{r.Ioctl} at set-up: {Errnos.Name(r.Errno)}")) + "; the VMM does without");
        }

        var seen = outcome.Result.Properties.Single(p => p.Property.Name == Proof).Verdict == PropertyVerdict.Seen;
        return bothNew && !seen ? (SkewVerdict.NotDecided, $"{Proof} never seen: what is new is never used")
            : (SkewVerdict.WorksAsBefore, (seen ? "and writes are tracked" : "nothing new is used") + (known.Length > 0 ? $"; {string.Join(", ", known)} broken as before" : ""));
    }

    private static string[] Broken(CheckOutcome outcome) =>
        [.. outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken).Select(p => p.Property.Name)];
}
