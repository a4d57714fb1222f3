using UapiLab.Abstractions;
using UapiLab.Harness.Checking.Knowledge;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Lab.Concerns.Catalog;
using UapiLab.Harness.Machines.Execution;

namespace UapiLab.Harness.Lab.Concerns;

/// <summary>The question of C1 for the first page of a comparison: on the machine with one task, which takes well under
/// a second for most encodings. C1 itself asks it with two.</summary>
public static class SyncOrAsync
{
    private const int MostStates = 250_000;

    /// <summary>Whether KVM can tell a fault that the vCPU thread resolves from one that goes to an I/O task.</summary>
    /// <param name="encoding">What is asked about.</param>
    /// <param name="stop">Gives up when it says so.</param>
    public static KvmTells Of(Encoding encoding, Func<bool> stop)
    {
        try
        {
            var outcome = KnowledgeCheck.RunSmall(encoding, KnowledgeConcern.SyncAndAsync.Id, MostStates, stop);
            return outcome.Findings[0].Verdict switch
            {
                KnowledgeVerdict.Holds => KvmTells.Yes,
                KnowledgeVerdict.NothingToDecide => KvmTells.DoesNotArise,
                KnowledgeVerdict.Broken when outcome.Table is { } table =>
                    C9OneWay.HandedOffKnownToKvm(table) is null ? KvmTells.No : KvmTells.AfterInjecting,
                _ => KvmTells.NotDecided,
            };
        }
        catch (EncodingDefectException)
        {
            return KvmTells.NotDecided;
        }
    }
}
