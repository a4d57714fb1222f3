namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Adds up the bytes read over all files of one call and reports them now and then.</summary>
internal sealed class ByteProgress(IProgress<long>? listener)
{
    private const long ReportEvery = 1 << 20;
    private long _read;
    private long _reported;

    public void Add(int bytes)
    {
        _read += bytes;
        if (_read - _reported >= ReportEvery)
        {
            Report();
        }
    }

    /// <summary>Reports the exact count at the end of a file.</summary>
    public void Report()
    {
        _reported = _read;
        listener?.Report(_read);
    }
}
