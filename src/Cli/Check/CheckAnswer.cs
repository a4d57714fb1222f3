using UapiLab.Harness.Checking;
using UapiLab.Harness.Checking.Search;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Machines;
using UapiLab.Harness.Machines.Ordering;

namespace UapiLab.Cli.Check;

/// <summary>What a person would say of the instances of one encoding together, and a row for each
/// (docs/checking.md).</summary>
/// <param name="encoding">By its full name.</param>
/// <param name="ignored">Properties that were not asked for.</param>
/// <param name="brokenOfKit">The first quick property of the conformance kit that does not hold.</param>
internal sealed class CheckAnswer(string encoding, ulong ignored, string? brokenOfKit = null)
{
    private const int Columns = 80;

    private readonly List<CheckOutcome> _outcomes = [];

    public void Add(CheckOutcome outcome) => _outcomes.Add(outcome);

    /// <param name="output">Where to.</param>
    /// <param name="left">Instances that were not looked at, since another is broken.</param>
    public void Write(TextWriter output, IReadOnlyList<string> left)
    {
        if (_outcomes.Count + left.Count == 0)
        {
            return;
        }

        if (_outcomes.Count + left.Count > 1)
        {
            var names = _outcomes.Select(o => o.Instance.Name).Concat(left);
            var width = names.Max(n => n.Length);
            output.WriteLine($"{"instance".PadRight(width)}  {"states",11}  verdict");
            foreach (var outcome in _outcomes)
            {
                output.WriteLine(Invariant(
                    $"{outcome.Instance.Name.PadRight(width)}  {outcome.Result.States,11:N0}  {Verdict(outcome)}"));
            }

            foreach (var name in left)
            {
                output.WriteLine($"{name.PadRight(width)}  {"-",11}  not looked at");
            }

            output.WriteLine();
        }

        foreach (var line in WordWrap.Fill(string.Join(' ', Sentences(left)), Columns))
        {
            output.WriteLine(line);
        }
    }

    /// <summary>What is broken, or what holds, and what was not tried; empty if nothing was looked at.</summary>
    /// <param name="names">Instances that were not looked at.</param>
    public IReadOnlyList<string> Sentences(IReadOnlyList<string> names) =>
        _outcomes.Count + names.Count == 0 ? [] : [.. Said(names.Count)];

    /// <summary>Properties that were asked for and are broken.</summary>
    public IEnumerable<PropertyResult> Broken(CheckOutcome outcome) => outcome.Result.Properties
        .Where((p, i) => (ignored >> i & 1) == 0 && p.Verdict == PropertyVerdict.Broken);

    private IEnumerable<string> Said(int left)
    {
        foreach (var wrong in _outcomes.Where(o => o.Repetition is { Differing.Count: > 0 }))
        {
            yield return $"{wrong.Instance.Name}: {wrong.Repetition!.Words}.";
        }

        var broken = _outcomes.Where(o => Broken(o).Any()).ToArray();
        var undecided = _outcomes.Count(o => !Broken(o).Any() && o.IsUndecided);
        var all = _outcomes.Count + left;
        if (broken.Length > 0 || brokenOfKit is not null)
        {
            var found = broken.Select(o => string.Join(", ", Broken(o).Select(p => p.Property.Name))
                + $" on {o.Instance.Name}");
            yield return $"{encoding} is broken: " + string.Join("; ",
                brokenOfKit is null ? found : found.Prepend($"{brokenOfKit} of the conformance kit")) + ".";
            foreach (var (outcome, worst) in broken.SelectMany(o => Broken(o).Select(p => (o, p.Property)))
                .OrderBy(found => found.Property.LetsSearchGoOn).Take(1))
            {
                yield return outcome.Histories.First(h => h.Property == worst.Name).Outcome;
            }
        }
        else
        {
            yield return undecided > 0 ? Invariant($"{encoding} is not decided: a bound ended {undecided} of {all} ")
                + Invariant($"{Searches(all)} before everything was looked at, and nothing broke before.")
                : $"{encoding} holds on "
                    + (all == 1 ? _outcomes[0].Instance.Name : Invariant($"{all} of {all} instances")) + ", exhausted.";
        }

        if (left > 0)
        {
            yield return Invariant($"{left} of {all} instances were not looked at (--keep-going).");
        }

        var order = _outcomes.Count == 0 ? MemoryOrdering.Sc : _outcomes[0].Instance.Order;
        yield return $"Memory order {Name(order)}; "
            + $"{string.Join(" and ", Enum.GetValues<MemoryOrdering>().Where(o => o > order).Select(Name))} not tried "
            + "(--memory).";
    }

    private static string Searches(int count) => count == 1 ? "search" : "searches";

    private static string Name(MemoryOrdering order) => order.ToString().ToLowerInvariant();

    private string Verdict(CheckOutcome outcome) => Broken(outcome).Any()
        ? "BROKEN: " + string.Join(", ", Broken(outcome).Select(p => p.Property.Name))
        : outcome.IsUndecided ? $"not decided: {outcome.Result.Bound}"
        : "holds, exhausted" + (outcome.Repetition is { IsSame: true } ? ", same without reductions" : "");
}
