using UapiLab.Abstractions;

namespace UapiLab.Harness.Uapi.Selftest;

/// <summary>A history that one program can bring about call by call, for the program of
/// <see cref="KernelSelftest"/>.</summary>
/// <param name="Title">What happens, one clause.</param>
/// <param name="Doc">What it shows, in sentences.</param>
/// <param name="AtFirst">Words that are not 0 when the guest starts.</param>
/// <param name="Steps">In order.</param>
internal sealed record Scenario(string Title, string Doc, IReadOnlyList<WordValue> AtFirst,
    IReadOnlyList<ScenarioStep> Steps);

/// <summary>The scenarios of an encoding.</summary>
/// <param name="Scenarios">The shortest.</param>
/// <param name="LeftOut">What is none, and why.</param>
internal sealed record ScenarioSet(IReadOnlyList<Scenario> Scenarios, IReadOnlyList<LeftOut> LeftOut)
{
    /// <summary>The frame that the guest touches.</summary>
    public const int Gfn = 16;
}

/// <summary>What is left out for one reason.</summary>
/// <param name="Why">The reason, one sentence.</param>
/// <param name="What">What, a clause each.</param>
internal sealed record LeftOut(string Why, IReadOnlyList<string> What);

/// <summary>A word of a shared region.</summary>
internal sealed record WordValue(RegionSpec Region, ulong Index, ulong Value);

/// <summary>How a word changes.</summary>
internal enum WordChange : byte { Store, Exchange, CompareExchange, And, Or, Add }

/// <summary>What the VMM does, or what then has to be so.</summary>
internal abstract record ScenarioStep
{
    private ScenarioStep()
    {
    }

    /// <summary>The VMM changes a shared word.</summary>
    public sealed record Change(RegionSpec Region, ulong Index, WordChange How, ulong Operand, ulong Expected,
        MemoryOrder Order) : ScenarioStep;

    /// <summary>The VMM calls an ioctl.</summary>
    /// <param name="Number">Which.</param>
    /// <param name="Words">Its argument.</param>
    /// <param name="Answer">0, or minus an errno.</param>
    public sealed record Call(uint Number, IReadOnlyList<ulong> Words, long Answer) : ScenarioStep;

    /// <summary>The content is in guest memory.</summary>
    public sealed record Place : ScenarioStep;

    /// <summary>The page is gone.</summary>
    public sealed record Discard : ScenarioStep;

    /// <summary>The vCPU thread calls KVM_RUN.</summary>
    public sealed record Run : ScenarioStep;

    /// <summary>Where the vCPU has come to.</summary>
    /// <param name="At">There.</param>
    /// <param name="Flags">memory_fault.flags of an exit.</param>
    /// <param name="Token">The token that an exit names; 0: none.</param>
    /// <param name="NotPresents">That the guest has taken so far.</param>
    /// <param name="Readies">That it has taken so far.</param>
    /// <param name="HasContent">Whether the guest has read the content, once it has read.</param>
    public sealed record Rest(RestPlace At, ulong Flags, ulong Token, int NotPresents, int Readies, bool HasContent)
        : ScenarioStep;
}

/// <summary>Where a vCPU stays until somebody does something.</summary>
internal enum RestPlace : byte
{
    /// <summary>KVM_RUN returned with a memory fault.</summary>
    Exit,
    /// <summary>In KVM_RUN: it halts.</summary>
    Halt,
    /// <summary>The guest has read the page, and is through.</summary>
    End,
}
