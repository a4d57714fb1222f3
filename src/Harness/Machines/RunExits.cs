using UapiLab.Abstractions;

namespace UapiLab.Harness.Machines;

/// <summary>Why KVM_RUN returns. Each member is the one row of its reason.</summary>
internal enum RunExit : byte
{
    /// <summary>-EFAULT with KVM_EXIT_MEMORY_FAULT.</summary>
    [RunExitRow(AfterExit.VmmHandles, FaultVerdict.Exit, TracedAs = "error (14)", HasFaultInfo = true)]
    Fault,
    /// <summary>-EINTR because the VMM parks its vCPU threads; a trace does not tell it from another signal.</summary>
    [RunExitRow(AfterExit.VmmParks)]
    Pause,
    /// <summary>-EINTR because of any other signal, or immediate_exit.</summary>
    [RunExitRow(AfterExit.VmmCallsAgain, TracedAs = "restart")]
    Signal,
    /// <summary>An errno without fault information.</summary>
    [RunExitRow(AfterExit.VmmHandles, FaultVerdict.Error, TracedAs = "error")]
    Error,
    /// <summary>-EFAULT with KVM_EXIT_MEMORY_FAULT because the page was converted since the access (rule F8).</summary>
    [RunExitRow(AfterExit.VmmHandles, HasFaultInfo = true)]
    Mismatch,
}

/// <summary>What the VMM does with an exit.</summary>
internal enum AfterExit
{
    /// <summary>It handles the exit for the frame that faulted.</summary>
    VmmHandles,
    /// <summary>It calls KVM_RUN again.</summary>
    VmmCallsAgain,
    /// <summary>It parks the thread.</summary>
    VmmParks,
}

/// <summary>What there is to know of an exit.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class RunExitRowAttribute(AfterExit then) : Attribute
{
    public RunExitRowAttribute(AfterExit then, FaultVerdict verdict)
        : this(then) => Verdict = verdict;

    public AfterExit Then { get; } = then;

    /// <summary>The verdict of an encoding's KVM half that leads to it; null if none does.</summary>
    public FaultVerdict? Verdict { get; }

    /// <summary>How the reason of <c>kvm_userspace_exit</c> begins; null if another exit's row stands for it. An exit
    /// that no row describes belongs to the guest (I/O, say).</summary>
    public string? TracedAs { get; set; }

    /// <summary>Whether KVM fills in kvm_run.memory_fault.</summary>
    public bool HasFaultInfo { get; set; }
}

/// <summary>The table of <see cref="RunExit"/>.</summary>
internal static class RunExits
{
    private static readonly RunExit[] s_all = Enum.GetValues<RunExit>();

    private static readonly (RunExit Exit, string Begins)[] s_traced =
        [.. from exit in s_all where exit.Row().TracedAs is not null
            orderby exit.Row().TracedAs!.Length descending select (exit, "reason " + exit.Row().TracedAs)];

    public static RunExitRowAttribute Row(this RunExit exit) => EnumRows<RunExit, RunExitRowAttribute>.All[(int)exit];

    /// <summary>The exit that a verdict leads to; what is no verdict is an error without an errno.</summary>
    public static RunExit Of(FaultVerdict verdict)
    {
        foreach (var exit in s_all)
        {
            if (exit.Row().Verdict == verdict)
            {
                return exit;
            }
        }

        return RunExit.Error;
    }

    /// <summary>The exit that the text of a <c>kvm_userspace_exit</c> names; null for one of the guest's own.</summary>
    public static RunExit? Traced(ReadOnlySpan<byte> text)
    {
        foreach (var (exit, begins) in s_traced)
        {
            if (text.Length >= begins.Length && System.Text.Ascii.Equals(text[..begins.Length], begins))
            {
                return exit;
            }
        }

        return null;
    }
}
