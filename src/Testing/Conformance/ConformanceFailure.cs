using System.Text;

namespace UapiLab.Testing;

/// <summary>A property that does not hold.</summary>
/// <param name="Property">Which.</param>
/// <param name="Rule">The rule that was broken, by its short name: <c>lost-wakeup</c>, <c>out-of-bounds</c>, …</param>
/// <param name="What">What happened, in one sentence.</param>
/// <param name="Case">The smallest case found in which it happens, one step a line; empty where real threads ran, or a
/// search ended without a history.</param>
/// <param name="Replay"><c>seed,gamma,size</c> of that case; null if it does not depend on a seed.</param>
public sealed record ConformanceFailure(string Property, string Rule, string What, string Case, string? Replay)
{
    /// <summary>All of it, as a test prints it, without the command that replays it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Property} does not hold: {Rule}: {What}\n");
        if (Case.Length > 0)
        {
            text.Append('\n').Append(Case.TrimEnd('\n')).Append('\n');
        }

        return text.ToString();
    }
}
