using System.Collections.Concurrent;
using UapiLab.Abstractions;
using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Mistakes;
using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Harness.Machines.Ordering;
using UapiLab.Harness.Uapi;

namespace UapiLab.Harness.Lab.Misuse;

/// <summary>Makes mistakes of a VMM mechanically, and explores every interleaving of the smallest machine on which one
/// shows (docs/misuse.md).</summary>
public sealed class MisuseAnalysis
{
    private const long MostStates = 200_000;

    /// <summary>A machine of which the careful VMM alone has more is left out.</summary>
    private const long MostCareful = 40_000;

    /// <summary>A run takes longer if it takes so much longer.</summary>
    private const decimal LeastCost = 0.001m;

    private readonly Encoding _encoding;
    private readonly Encoding _explored;
    private readonly int _threads;
    private readonly Func<string?> _asked;
    private volatile string? _stopped;
    private readonly MisuseCost _cost;
    private readonly Dictionary<string, Control> _controls = [];

    private MisuseAnalysis(Encoding encoding, int threads, Func<string?> stop)
    {
        _encoding = encoding;
        _explored = encoding.Smallest;
        _threads = threads;
        _asked = stop;
        _cost = new(encoding);
    }

    /// <summary>Tries every mistake.</summary>
    /// <param name="encoding">Whose VMM makes them.</param>
    /// <param name="threads">How many are tried at a time; the report does not depend on it.</param>
    /// <param name="stop">A reason to give up, or null.</param>
    /// <param name="tried">Told how many of how many are done.</param>
    /// <exception cref="EncodingDefectException">The encoding breaks the contract without a mistake.</exception>
    public static MisuseReport Run(Encoding encoding, int threads, Func<string?> stop,
        Action<int, int>? tried = null) => new MisuseAnalysis(encoding, threads, stop).Run(tried, _ => true);

    /// <summary>Tries those mistakes of which the clause is wanted.</summary>
    internal static MisuseReport Run(Encoding encoding, Func<string, bool> wanted) =>
        new MisuseAnalysis(encoding, threads: 2, () => null).Run(tried: null, wanted);

    private MisuseReport Run(Action<int, int>? tried, Func<string, bool> wanted)
    {
        var around = VmmMistake.All.Where(m => m.Applies(_explored) && wanted(m.What)).ToArray();
        Parallel(MisuseLadder.All.Concat(around.Select(m => m.Careful)).DistinctBy(i => i.Name).ToArray(), Careful)
            .ToList().ForEach(control => _controls.Add(control.Instance.Name, control));
        var mistakes = Mistake.Every(_controls.Values.SelectMany(c => c.Sites), _explored).Index()
            .Where(m => wanted(m.Item.What(_explored))).ToArray();
        var done = 0;
        var half = Parallel(mistakes, (m, _) => Counted(() => OfHalf(m.Item, Invariant($"X{m.Index + 1}"))));
        var vmm = Parallel(around, (mistake, _) => Counted(() => Around(mistake)));
        return new(_encoding.Description.FullName, _explored.Description.FullName, [.. half, .. vmm],
            [.. _controls.Values.Select(c => c.Said)])
        {
            Stopped = _stopped,
        };

        MisuseCase Counted(Func<MisuseCase> decide)
        {
            var made = decide();
            tried?.Invoke(Interlocked.Increment(ref done), mistakes.Length + around.Length);
            return made;
        }
    }

    /// <summary>Why to give up; the report says it too.</summary>
    private string? Stop() => _stopped ??= _asked();

    private Control Careful(CheckInstance instance, int _)
    {
        var watched = new MistakenEncoding(_explored, mistake: null);
        var outcome = Search(watched, instance, mostStates: MostCareful);
        return new(instance, outcome, watched.Plan.Sites, watched.Plan.Refusals);
    }

    private MisuseCase OfHalf(Mistake mistake, string id)
    {
        var trial = new MisuseCase(id, mistake.What(_explored), MistakeRow.Of(mistake.Kind).Name,
            MisuseVerdict.NotDecided, "", "", 0, mistake.Rule(_explored));
        var machines = MachinesFor(mistake.Kind);
        MisuseCase? refused = null;
        CheckOutcome? last = null;
        var bounds = new List<string>();
        foreach (var instance in machines)
        {
            if (Stop() is { } why)
            {
                return trial with { Why = why };
            }

            var made = new MistakenEncoding(_explored, mistake);
            try
            {
                last = Search(made, instance);
            }
            catch (EncodingDefectException) when (made.Plan.GoesRound)
            {
                return trial with
                {
                    Verdict = MisuseVerdict.HangsGuest,
                    Why = "a loop of the VMM does not end, before the guest runs",
                    Instance = instance.Name,
                    IsSeenInSimulation = true,
                };
            }
            catch (EncodingDefectException e)
            {
                bounds.Add($"{instance.Name}: {CleanText.Printable(e.Message)}");
                continue;
            }

            trial = trial with { Instance = instance.Name, States = last.Result.States };
            refused ??= Refused(trial, mistake, made, instance);
            if (Broken(last) is { } harm)
            {
                return OnlyByWeakFairness(mistake, harm.Property) is { } cost ? trial with
                {
                    Verdict = MisuseVerdict.CostsTime,
                    Why = $"{MisuseCost.Words(cost)}; goes round for ever under weak fairness alone, and ends in each "
                        + "simulation",
                    History = last.Histories.FirstOrDefault(h => h.Property == harm.Property),
                }
                : trial with
                {
                    Verdict = harm.Verdict,
                    Why = harm.Property,
                    History = last.Histories.FirstOrDefault(h => h.Property == harm.Property),
                    IsSeenInSimulation = _cost.Of(mistake) is null,
                    Refusal = refused?.Why ?? "",
                    RefusalHistory = refused?.RefusalHistory,
                };
            }

            if (last.Result.Bound is { } bound)
            {
                bounds.Add($"{instance.Name}: {bound}");
            }
        }

        return machines.Length == 0 ? trial with { Why = "no machine for it is small enough" }
            : bounds.Count > 0 ? trial with { Why = string.Join("; ", bounds) }
            : refused ?? WhatItCosts(trial, mistake);
    }

    /// <summary>Those that the careful VMM exhausts. Where a second thread makes a machine too large, the thread that
    /// places pages is left the call.</summary>
    private CheckInstance[] MachinesFor(MistakeKind kind)
    {
        CheckInstance[] Whole(IEnumerable<CheckInstance> machines) =>
            [.. machines.Where(i => _controls[i.Name].IsWhole)];

        var own = Whole(MisuseLadder.For(kind));
        return own.Length == 0 && kind == MistakeKind.OtherThread ? Whole(MisuseLadder.Ordered) : own;
    }

    /// <summary>What a mistake costs whose run goes round for ever only where a thread loses a lock again and again,
    /// which weak fairness allows: KVM's locks are fair. Null if that is not so.</summary>
    private decimal? OnlyByWeakFairness(Mistake mistake, string property) =>
        MachineProperty.Of(property).Kind == PropertyKind.Eventually ? _cost.Of(mistake) : null;

    private MisuseCase WhatItCosts(MisuseCase trial, Mistake mistake) => _cost.Of(mistake) switch
    {
        null => trial with { Why = "nothing breaks, and a simulation with it does not end well" },
        > LeastCost and var cost => trial with { Verdict = MisuseVerdict.CostsTime, Why = MisuseCost.Words(cost) },
        _ => trial with { Verdict = MisuseVerdict.Harmless },
    };

    /// <summary>The first refusal that the careful VMM does not meet on the machine; null if there is none.</summary>
    private MisuseCase? Refused(MisuseCase trial, Mistake mistake, MistakenEncoding made, CheckInstance instance)
    {
        var refusals = made.Plan.Refusals.Except(_controls[instance.Name].Refusals)
            .OrderBy(r => (r.Number, r.Op, r.Errno)).ToArray();
        return refusals.Length == 0 ? null : trial with
        {
            Verdict = MisuseVerdict.Refused,
            Why = string.Join(", ", refusals.Select(Words)),
            Refusal = string.Join(", ", refusals.Select(Words)),
            RefusalHistory = HistoryOf(mistake, instance, refusals[0]),
        };
    }

    private MisuseCase Around(VmmMistake mistake)
    {
        var trial = new MisuseCase(mistake.Id, mistake.What, "around the half", MisuseVerdict.NotDecided, "",
            mistake.Mistaken.Name, 0, mistake.Rule);
        if (Stop() is { } reason)
        {
            return trial with { Why = reason };
        }

        var outcome = Search(mistake.Encoding(_explored), mistake.Mistaken,
            Checker.Properties.Bits(p => p.Name == mistake.Shows));
        trial = trial with { States = outcome.Result.States };
        if (Broken(outcome) is { } harm)
        {
            return trial with
            {
                Verdict = harm.Verdict,
                Why = harm.Property,
                History = outcome.Histories.FirstOrDefault(h => h.Property == harm.Property),
            };
        }

        var shown = outcome.Histories.FirstOrDefault(h => h.Property == mistake.Shows);
        return outcome.Result.Bound is { } bound ? trial with { Why = bound }
            : trial with
            {
                Verdict = MisuseVerdict.Harmless,
                Why = mistake.Shows is null ? "what it costs is not simulated"
                    : shown is null ? $"{mistake.Shows} is never seen" : $"{mistake.Shows} is seen, once in vain",
                RefusalHistory = shown,
            };
    }

    /// <summary>The worst of what is broken.</summary>
    private static (MisuseVerdict Verdict, string Property)? Broken(CheckOutcome outcome)
    {
        var worst = outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken)
            .OrderByDescending(p => MachineProperty.Of(p.Property.Name).Harm).FirstOrDefault();
        return worst is null ? null : (MachineProperty.Of(worst.Property.Name).Harm switch
        {
            Harm.HangsGuest => MisuseVerdict.HangsGuest,
            Harm.CorruptsGuest => MisuseVerdict.CorruptsGuest,
            _ => MisuseVerdict.HarmsKvm,
        }, worst.Property.Name);
    }

    /// <summary>The shortest way to a refusal.</summary>
    private Checking.Histories.History? HistoryOf(Mistake mistake, CheckInstance instance, RefusedIoctl refusal)
    {
        const string Name = "ioctl-refused";
        var mask = Checker.Properties.Bits(p => p.Name == Name);
        return Search(new MistakenEncoding(_explored, mistake), instance with { WatchedRefusal = refusal }, mask)
            .Histories.FirstOrDefault(h => h.Property == Name);
    }

    private string Words(RefusedIoctl refusal)
    {
        var site = new VmmSite(Operation.OnIoctl, VmmCall.Ioctl, refusal.Number, refusal.Op, 1);
        return $"{site.Name(_explored)}: -{Errnos.Name(refusal.Errno)}";
    }

    private CheckOutcome Search(Encoding encoding, CheckInstance instance, ulong shown = 0,
        long mostStates = MostStates) =>
        Checker.Run(encoding, instance, new()
        {
            Threads = 1,
            MaxStates = mostStates,
            StopAtFirst = false,
            Liveness = instance.Order == MemoryOrdering.Sc,
            Shown = shown,
            Stop = Stop,
        });

    private TResult[] Parallel<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, int, TResult> decide) =>
    [
        .. Partitioner.Create(items.Index().ToArray(), loadBalance: true).AsParallel().AsOrdered()
            .WithDegreeOfParallelism(Math.Max(1, _threads)).Select(item => decide(item.Item, item.Index)),
    ];

    /// <summary>The careful half on a machine, and what it was seen to do there.</summary>
    private sealed record Control(CheckInstance Instance, CheckOutcome Outcome,
        IReadOnlyDictionary<VmmSite, SiteFacts> Sites, IReadOnlySet<RefusedIoctl> Refusals)
    {
        /// <summary>Whether every state was looked at.</summary>
        public bool IsWhole => Outcome.Result.IsExhausted;

        public MisuseControl Said => new(Instance.Name, Outcome.Result.States,
            [.. Outcome.Result.Properties.Where(p => p.Verdict == PropertyVerdict.Broken).Select(p => p.Property.Name)],
            Outcome.Result.Bound);
    }
}
