using UapiLab.Harness.Foundation;

namespace UapiLab.Cli.Record;

/// <summary>Sets tracing up, waits, and takes everything down again, whatever happened in between.</summary>
internal sealed class Recorder(ITracefs tracefs, TextWriter said)
{
    /// <summary>Records until <paramref name="wait"/> returns.</summary>
    /// <exception cref="InputException">There is no tracefs, no right to use it, or no KVM.</exception>
    public void Run(string output, Action wait)
    {
        if (!tracefs.Has("trace"))
        {
            throw new InputException(tracefs.Root,
                "expected a tracefs that may be read: ask for root, or for `mount -t tracefs nodev` there, or have "
                + "somebody run what --script prints");
        }

        if (TraceSetup.Events.All(e => !tracefs.Has(TraceSetup.SwitchOf(e))))
        {
            throw new InputException(tracefs.Root, "expected events of the subsystem kvm: load the module kvm");
        }

        Try(() => tracefs.MakeInstance(TraceSetup.Instance),
            "a tracefs in which an instance may be made: ask for root, or have somebody run what --script prints");
        var recorded = false;
        try
        {
            foreach (var (file, value, _) in TraceSetup.Before)
            {
                Set(file, value);
            }

            foreach (var name in TraceSetup.Events)
            {
                if (tracefs.Has(TraceSetup.SwitchOf(name)))
                {
                    Set(TraceSetup.SwitchOf(name), "1");
                }
                else
                {
                    said.WriteLine($"uapilab: this kernel has no {name}");
                }
            }

            Set("tracing_on", "1");
            recorded = true;
            wait();
        }
        finally
        {
            TakeDown(recorded ? output : null);
        }
    }

    private void TakeDown(string? output)
    {
        try
        {
            Set("tracing_on", "0");
            if (output is not null)
            {
                Try(() => tracefs.Copy($"{TraceSetup.Instance}/trace", output), $"room for the trace in {output}");
            }
        }
        finally
        {
            Try(() => tracefs.RemoveInstance(TraceSetup.Instance),
                $"to be able to remove {TraceSetup.Instance}; remove it by hand");
        }
    }

    private void Set(string file, string value) =>
        Try(() => tracefs.Write($"{TraceSetup.Instance}/{file}", value), $"{file} to take {value}");

    private void Try(Action action, string expected)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(tracefs.Root, $"expected {expected} ({e.Message})");
        }
    }
}
