namespace UapiLab.Cli.Conform;

/// <summary>Which userfault interface the kernel of a recording has, as the loader's BEGIN marker says.</summary>
internal static class RecordedKernel
{
    /// <summary>What stands for a stock kernel's own APF in a simulation.</summary>
    public const string Stock = "kernel-apf";

    /// <summary>The encoding; null for a stock kernel.</summary>
    /// <param name="begin">The marker, by key.</param>
    public static string? EncodingOf(IReadOnlyDictionary<string, string> begin) => begin switch
    {
        _ when begin.TryGetValue("encoding", out var named) => named.StartsWith(Stock, StringComparison.Ordinal) ? null
            : named,
        _ when begin.GetValueOrDefault("exitless") == "1" => "exitless",
        // KVM_CAP_USERFAULT_ASYNC_PF of the series of 2026; off, it is KVM Userfault alone.
        _ when begin.TryGetValue("cap246", out var isOn) => isOn == "1" ? "async-hint:inject=at-fault"
            : "single-bit:apf=off",
        _ => null,
    };
}
