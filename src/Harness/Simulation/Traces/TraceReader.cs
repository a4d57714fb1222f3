namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Reads recordings of real page accesses; the format is recognised from the content, gzip or not.</summary>
public static class TraceReader
{
    /// <summary>Reads one recording, line by line.</summary>
    /// <param name="path">
    /// A <c>valgrind --tool=lackey --trace-mem=yes</c> output, KVM events as text (ftrace, trace-cmd report,
    /// perf script), the trace log of a QEMU that was the destination of a post-copy migration, or accesses as CSV
    /// (docs/model-my-guest.md).
    /// </param>
    /// <param name="options">How to turn it into accesses.</param>
    /// <returns>The accesses of every recorded vCPU.</returns>
    /// <exception cref="TraceFormatException">The file cannot be read or holds no such recording.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static AccessTrace Read(string path, TraceOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return Import(path, options, new ByteProgress(options.Progress));
    }

    /// <summary>
    /// Reads several recordings as the vCPUs of one guest. Recordings share no page: the numbers of each follow
    /// those of the one before.
    /// </summary>
    /// <param name="paths">At least one path, see <see cref="Read"/>.</param>
    /// <param name="options">How to turn them into accesses.</param>
    /// <returns>All vCPUs in the order of the paths; if several, names start with the number of the path.</returns>
    /// <exception cref="TraceFormatException">A file cannot be read or holds no such recording.</exception>
    /// <exception cref="ArgumentException">No path was given, or an option is out of its range.</exception>
    public static AccessTrace ReadMany(IReadOnlyList<string> paths, TraceOptions options)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (paths.Count == 0)
        {
            throw new ArgumentException("At least one trace is needed.", nameof(paths));
        }

        var progress = new ByteProgress(options.Progress);
        return TraceJoin.Join([.. paths.Select(path => Import(path, options, progress))]);
    }

    private static AccessTrace Import(string path, TraceOptions options, ByteProgress progress)
    {
        using TraceLines lines = TraceLines.Open(path, progress, options.Cancellation);
        return FormatDetector.Detect(lines) switch
        {
            TraceFormat.Csv => CsvImporter.Import(lines),
            TraceFormat.Lackey => LackeyImporter.Import(lines, options),
            TraceFormat.Kvm => KvmImporter.Import(lines, options),
            _ => PostcopyImporter.Import(lines, options, progress),
        };
    }
}
