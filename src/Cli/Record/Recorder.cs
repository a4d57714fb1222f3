using UapiLab.Harness.Conformance;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cli.Record;

/// <summary>Sets tracing up, waits, and takes everything down again, whatever happened in between. Only a recording
/// that cannot be written stays where it is.</summary>
internal sealed class Recorder(ITracefs tracefs, TextWriter said)
{
    private const int MostInstances = 64;

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

        if (OutputFile.HasContent(output))
        {
            throw new InputException($"--out {output}", "expected a new name: what is there may be a recording, and "
                + "none is replaced");
        }

        OutputFile.Try(output);
        var instance = MakeInstance();
        var recorded = false;
        try
        {
            foreach (var (file, value, _) in TraceSetup.Before)
            {
                Set(instance, file, value);
            }

            var names = new List<string>();
            foreach (var name in TraceSetup.Events)
            {
                if (tracefs.Has(TraceSetup.SwitchOf(name)))
                {
                    Set(instance, TraceSetup.SwitchOf(name), "1");
                    names.Add(name);
                }
                else
                {
                    said.WriteLine($"uapilab: this kernel has no {name}");
                }
            }

            Set(instance, "tracing_on", "1");
            recorded = true;
            wait();
            Set(instance, TraceSetup.Marker,
                TraceConformance.EndMarker(names.Intersect(TraceConformance.StrictEvents)));
        }
        finally
        {
            TakeDown(instance, recorded ? output : null);
        }
    }

    /// <summary>One that nobody else has: whoever records at the same time has another.</summary>
    private string MakeInstance()
    {
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? TraceSetup.Instance : Invariant($"{TraceSetup.Instance}-{number}");
            var made = false;
            Try(() => made = tracefs.MakeInstance(name),
                "a tracefs in which an instance may be made: ask for root, or have somebody run what --script prints");
            if (made)
            {
                return name;
            }

            if (number == MostInstances)
            {
                throw new InputException($"{tracefs.Root}/{TraceSetup.Instance}",
                    Invariant($"expected fewer than {MostInstances} recorders; rmdir what killed ones left"));
            }
        }
    }

    /// <summary>The instance holds the only copy of a recording until it is in the file.</summary>
    private void TakeDown(string instance, string? output)
    {
        try
        {
            Set(instance, "tracing_on", "0");
        }
        finally
        {
            if (output is not null)
            {
                Copy($"{instance}/trace", output, instance);
            }

            Try(() => tracefs.RemoveInstance(instance), $"to be able to remove {instance}; remove it by hand");
        }
    }

    private void Copy(string trace, string output, string instance)
    {
        try
        {
            tracefs.Copy(trace, output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            throw new InputException(output, $"expected room for the trace ({e.Message}); it is kept in "
                + $"{tracefs.Root}/{trace}: copy it, then rmdir {tracefs.Root}/{instance}");
        }
    }

    private void Set(string instance, string file, string value) =>
        Try(() => tracefs.Write($"{instance}/{file}", value), $"{file} to take {value}");

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
