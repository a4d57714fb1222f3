using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Histories;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Misuse;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Guest;
using UapiLab.Harness.Uapi.Selftest;

namespace UapiLab.Harness.Lab.Scenarios;

/// <summary>The shortest histories of an encoding that one program can bring about: how a fault becomes an APF, two
/// runs that KVM cannot tell apart, and what mistakes of the VMM lead to. Everybody goes on until it sleeps or returns
/// (<see cref="CheckInstance.InWholeCalls"/>), so a history that needs two threads at one instruction is none of
/// them.</summary>
internal sealed class ScenarioSearch
{
    private const int MostScenarios = 6;
    private const int MostStates = 20_000;
    private const uint EnableCap = 0xa3;
    private const string Delivered = "ready-delivered";

    private static readonly CheckInstance s_one = new()
    {
        Name = "selftest",
        Vcpus = 1,
        Gfns = 1,
        TasksPerVcpu = 1,
        Rearms = 0,
        Environment = new(),
        Modes = [GuestStepFlags.None],
        CoalescesInvisible = false,
        Symmetric = false,
        InWholeCalls = true,
        FirstGfn = ScenarioSet.Gfn,
    };

    private readonly Encoding _encoding;
    private readonly List<Scenario> _found = [];
    private readonly List<(string Why, string What)> _left = [];

    private ScenarioSearch(Encoding encoding) => _encoding = encoding;

    /// <summary>What there is for an encoding.</summary>
    public static ScenarioSet Of(Encoding encoding) => new ScenarioSearch(encoding.Smallest).Run();

    private ScenarioSet Run()
    {
        var careful = new MistakenEncoding(_encoding, mistake: null);
        var control = Search(careful, s_one, Mask(Delivered));
        if (SetUpCall(careful) is { } call)
        {
            return new([], [new($"{call} is called before the guest runs, with what this program does not make",
                ["every scenario"])]);
        }

        Add(careful, s_one, control.Histories.FirstOrDefault(h => h.Property == Delivered),
            "an APF is started, and completed",
            "The fault becomes an APF, the guest takes page-not-present, and goes on once it has page-ready.");
        foreach (var history in control.Histories.Where(h => h.Property != Delivered))
        {
            Add(careful, s_one, history, $"{history.Property}, although the VMM makes no mistake", history.Outcome);
        }

        Witness();
        Mistakes(careful, [.. control.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .Select(p => p.Property.Name)]);
        return new([.. _found.Take(MostScenarios)], [.. Left()]);
    }

    private IEnumerable<LeftOut> Left()
    {
        foreach (var scenario in _found.Skip(MostScenarios))
        {
            _left.Add(("they are longer than those here", scenario.Title));
        }

        return _left.GroupBy(l => l.Why).Select(g => new LeftOut(g.Key, [.. g.Select(l => l.What).Distinct()]));
    }

    /// <summary>An ioctl besides KVM_ENABLE_CAP by which the VMM sets a vCPU up.</summary>
    private string? SetUpCall(MistakenEncoding careful) => careful.Plan.Sites.Keys
        .Where(s => s is { Operation: Operation.OnVcpuCreated, Call: VmmCall.Ioctl } && s.Target != EnableCap)
        .Select(s => s.Name(_encoding)).FirstOrDefault();

    /// <summary>The pair of runs of the first question that has one.</summary>
    private void Witness()
    {
        var instance = s_one with { IsForViews = true };
        var pair = KnowledgeCheck.RunIn(_encoding, instance, MostStates, () => false).Findings
            .FirstOrDefault(f => f.Witness is not null)?.Witness;
        if (pair is null)
        {
            _left.Add(("there is none in whole calls", "two runs that KVM cannot tell apart"));
            return;
        }

        var doc = CleanText.Ascii(pair.Title) + ". Up to the injection KVM saw the same in both.";
        Add(_encoding, instance, pair.First, $"one of two runs that look the same to KVM: {pair.First.PropertyDoc}",
            $"{doc} Here it should: {pair.FirstNeed}.");
        Add(_encoding, instance, pair.Second, $"the other of the two runs: {pair.Second.PropertyDoc}",
            $"{doc} Here it should: {pair.SecondNeed}.");
    }

    private void Mistakes(MistakenEncoding careful, IReadOnlyList<string> brokenAnyway)
    {
        var tried = Mistake.Every(careful.Plan.Sites, _encoding)
            .Where(m => m.Kind is not (MistakeKind.Weakened or MistakeKind.OtherThread))
            .Select(m => (What: m.What(_encoding), Rule: m.Rule(_encoding), Instance: s_one,
                Encoding: (Encoding)new MistakenEncoding(_encoding, m)))
            .Concat(VmmMistake.All.Where(IsWithinReach).Select(m => (m.What, m.Rule,
                Instance: InReach(m.Mistaken), Encoding: m.Encoding(_encoding))));
        var shown = new List<(int Length, string What, string Doc, Encoding Encoding, CheckInstance Instance,
            History History)>();
        foreach (var (what, rule, instance, encoding) in tried)
        {
            if (Harm(encoding, instance, brokenAnyway) is { } history)
            {
                shown.Add((history.Steps.Count, what, $"{history.Outcome} {rule}", encoding, instance, history));
            }
            else if (Refusal(encoding, instance, careful) is { } refusal)
            {
                shown.Add((refusal.Steps.Count, what, $"It is refused. {rule}", encoding, instance, refusal));
            }
            else
            {
                _left.Add(("nothing comes of them where no other thread comes within a call",
                    what));
            }
        }

        foreach (var (_, what, doc, encoding, instance, history) in shown.OrderBy(s => s.Length))
        {
            Add(encoding, instance, history, what, doc);
        }

        foreach (var kind in new[] { MistakeKind.Weakened, MistakeKind.OtherThread })
        {
            _left.Add(("they take two threads that meet at one instruction, which no program can choose",
                $"{MistakeRow.Of(kind).Name}, of any call"));
        }
    }

    /// <summary>Around the half: what needs one frame, one task and no memslot update.</summary>
    private static bool IsWithinReach(VmmMistake mistake)
    {
        var on = mistake.Mistaken;
        return on.Gfns == 1 && on.Vcpus == 1 && on.TasksPerVcpu == 1 && on.Restores is null && on.RearmBy == default
            && on.Backing == default && on.Environment.KvmWrites == 0 && mistake.Id != "new-bitmap";
    }

    private static CheckInstance InReach(CheckInstance instance) => instance with
    {
        CoalescesInvisible = false,
        Symmetric = false,
        InWholeCalls = true,
        FirstGfn = ScenarioSet.Gfn,
    };

    /// <summary>The shortest way to the worst that is broken, and is not without the mistake.</summary>
    private static History? Harm(Encoding encoding, CheckInstance instance, IReadOnlyList<string> brokenAnyway)
    {
        try
        {
            return Search(encoding, instance, 0).Histories.Where(h => !brokenAnyway.Contains(h.Property))
                .OrderByDescending(h => MachineProperty.Of(h.Property).Harm).FirstOrDefault();
        }
        catch (EncodingDefectException)
        {
            return null; // a loop of the VMM's that does not end
        }
    }

    private static History? Refusal(Encoding encoding, CheckInstance instance, MistakenEncoding careful)
    {
        if (encoding is not MistakenEncoding made
            || made.Plan.Refusals.Except(careful.Plan.Refusals).OrderBy(r => (r.Number, r.Op, r.Errno))
                .Cast<RefusedIoctl?>().FirstOrDefault() is not { } refusal)
        {
            return null;
        }

        return Search(new MistakenEncoding(made.Original, made.Mistake),
            instance with { WatchedRefusal = refusal }, Mask("ioctl-refused")).Histories
            .FirstOrDefault(h => h.Property == "ioctl-refused");
    }

    private void Add(Encoding encoding, CheckInstance instance, History? history, string title, string doc)
    {
        if (history is null)
        {
            _left.Add(("it does not come about in whole calls", title));
            return;
        }

        if (ScenarioRecorder.Of(encoding, instance, history, out var why) is not { } recorded)
        {
            _left.Add((why, title));
            return;
        }

        if (!_found.Any(s => s.Steps.SequenceEqual(recorded.Steps) && s.AtFirst.SequenceEqual(recorded.AtFirst)))
        {
            _found.Add(new(title, doc, recorded.AtFirst, recorded.Steps));
        }
    }

    private static CheckOutcome Search(Encoding encoding, CheckInstance instance, ulong shown) =>
        Checker.Run(encoding, instance, new()
        {
            MaxStates = MostStates,
            StopAtFirst = false,
            Liveness = true,
            Shown = shown,
        });

    private static ulong Mask(string property) => Checker.Properties.Bits(p => p.Name == property);
}
