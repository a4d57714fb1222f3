using UapiLab.Harness.Conformance;

namespace UapiLab.Cli.Record;

/// <summary>What is recorded, and how: the one place that the recorder, the script and their explanation are made
/// from.</summary>
internal static class TraceSetup
{
    /// <summary>A buffer of its own: whatever else is traced on the host goes on undisturbed, and nothing is left
    /// behind.</summary>
    public const string Instance = "instances/uapilab";

    /// <summary>Where tracefs usually is.</summary>
    public const string UsualRoot = "/sys/kernel/tracing";

    /// <summary>Takes a marker.</summary>
    public const string Marker = "trace_marker";

    /// <summary>For each CPU, KiB: some hundred thousand events.</summary>
    public const int BufferKiB = 16_384;

    /// <summary>Written before the events are switched on, in this order.</summary>
    public static IReadOnlyList<(string File, string Value, string Why)> Before { get; } =
    [
        ("tracing_on", "0", "nothing is recorded until all of it is"),
        ("trace_clock", "mono",
            "one clock for all CPUs: the order of events on different threads is part of the check"),
        ("buffer_size_kb", Invariant($"{BufferKiB}"),
            "KiB for each CPU; what does not fit is lost from the beginning, and conform says so"),
    ];

    /// <summary>What conform explains one by one, and three that it counts.</summary>
    public static IReadOnlyList<string> Events { get; } =
        [.. TraceConformance.StrictEvents, "kvm_async_pf_exitless_notify", "kvm_mmu_spte_requested",
            "kvm_unmap_hva_range"];

    /// <summary>The switch of an event. Those of the MMU are a subsystem of their own (arch/x86/kvm/mmu/mmutrace.h).
    /// </summary>
    public static string SwitchOf(string name) =>
        $"events/{(name.StartsWith("kvm_mmu_", StringComparison.Ordinal) ? "kvmmmu" : "kvm")}/{name}/enable";

    /// <summary>The same as a shell script, with its reasons.</summary>
    public static string Script(string root, string output, TimeSpan? length) => Invariant($"""
        #!/bin/sh
        # Records what `uapilab conform` reads, in a buffer of its own. Run as root{(length is null ? "; Ctrl-C stops" : "")}.
        set -eu
        t={Quoted(root)}/{Instance}
        # before anything is recorded: the output can be written, and nobody else records there
        if [ -s {Quoted(output)} ]; then echo "expected a new name:" {Quoted(output)} >&2; exit 2; fi
        : >> {Quoted(output)}
        mkdir "$t"
        recorded=
        stop() {"{"}
          # says how long a guest that stands still was watched, and what was recorded
          echo "{TraceConformance.EndMarker([])}$recorded" > "$t/{Marker}"
          echo 0 > "$t/tracing_on"
          # the only copy goes once there is another
          cat "$t/trace" > {Quoted(output)} && rmdir "$t"
        {"}"}
        trap stop EXIT
        trap 'exit 0' INT TERM
        {string.Join('\n', Before.Select(b => $"# {b.Why}\necho {b.Value} > \"$t/{b.File}\""))}
        for switch in {string.Join(" \\\n  ", Events.Select(SwitchOf))}
        do
          e=${"{"}switch#*/*/{"}"}; e=${"{"}e%/enable{"}"}
          if [ -e "$t/$switch" ]; then echo 1 > "$t/$switch"; recorded="$recorded $e"; else echo "this kernel has no $e" >&2; fi
        done
        echo 1 > "$t/tracing_on"
        sleep {(length is { } l ? Invariant($"{l.TotalSeconds}") : "infinity")}

        """).ReplaceLineEndings("\n");

    private static string Quoted(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
