using UapiLab.Harness.Checking.Model;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Harness.Checking.Histories;

/// <summary>Whether a run from a state still ends with every task done.</summary>
internal static class TerminationSearch
{
    /// <returns>Null if too many states would have to be looked at.</returns>
    public static bool? Exists(MachineWorker worker, byte[] start, byte remainingBudget, int limit)
    {
        var seen = new HashSet<ulong>();
        var todo = new Stack<(byte[] State, byte RemainingBudget)>();
        todo.Push((start, remainingBudget));
        while (todo.TryPop(out var at))
        {
            if (seen.Count > limit)
            {
                return null;
            }

            foreach (var step in worker.Steps(at.State, at.RemainingBudget))
            {
                if (worker.IsBroken || step.IsOptional)
                {
                    continue;
                }

                if (worker.Machine.LiveVcpus == 0)
                {
                    return true;
                }

                var forms = worker.Forms();
                if (seen.Add(Fingerprint.With(Fingerprint.Of(forms.Least), forms.RemainingBudget)))
                {
                    todo.Push((forms.Plain, forms.RemainingBudget));
                }
            }
        }

        return false;
    }
}
